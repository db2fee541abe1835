package views

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"cutroom/static"
)

var assets sync.Map // path under static to its address

// Asset gives the address of a file under static with a part of its hash, so that browsers may keep it for ever and
// still load a changed one. A file that is not there gets its plain address (and answers 404).
func Asset(path string) string {
	if url, known := assets.Load(path); known {
		return url.(string)
	}
	url := "/static/" + path
	if content, err := static.FS.ReadFile(path); err == nil {
		sum := sha256.Sum256(content)
		url += "?v=" + hex.EncodeToString(sum[:5])
	}
	assets.Store(path, url)
	return url
}
