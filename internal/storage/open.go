package storage

import (
	"fmt"
	"net/url"
	"path/filepath"
)

// Open opens the storage that an address names: file:///var/lib/cutroom/storage, a folder that is made if needed.
func Open(address string) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("storage %q is no address: use file:///path", address)
	}
	switch {
	case u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") && filepath.IsAbs(u.Path):
		return NewLocal(u.Path)
	case u.Scheme == "file" && u.Path+u.Host != "":
		return NewLocal(u.Host + u.Path) // file://.data/storage: relative to where the program was started
	case u.Scheme == "s3":
		return nil, fmt.Errorf("storage %q: this build keeps files in a folder only, use file:///path", u.Redacted())
	}
	return nil, fmt.Errorf("storage %q: use file:///path", u.Redacted())
}
