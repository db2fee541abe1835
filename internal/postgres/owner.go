package postgres

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that the server runs as: root's stand-in, or nil for the one who runs this process.
type owner struct {
	name     string
	uid, gid int
}

// findOwner returns nil unless this process is root, which PostgreSQL refuses to run as.
func findOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(found.Uid)
		gid, errGID := strconv.Atoi(found.Gid)
		if errUID == nil && errGID == nil {
			return &owner{name: name, uid: uid, gid: gid}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

func (o *owner) userID() int {
	if o == nil {
		return os.Geteuid()
	}
	return o.uid
}

func (o *owner) credential() *syscall.Credential {
	if o == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
}

// give hands a file or folder over to the owner.
func (o *owner) give(path string) error {
	if o == nil {
		return nil
	}
	return os.Chown(path, o.uid, o.gid)
}

// reaches reports whether the owner may walk to path: each folder above it lets others through. (Root's own home does not.)
func (o *owner) reaches(path string) bool {
	if o == nil {
		return true
	}
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		if err != nil {
			return false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		through := info.Mode().Perm()&0o001 != 0 ||
			ok && int(stat.Uid) == o.uid && info.Mode().Perm()&0o100 != 0 ||
			ok && int(stat.Gid) == o.gid && info.Mode().Perm()&0o010 != 0
		if !through {
			return false
		}
		if folder == filepath.Dir(folder) {
			return true
		}
	}
}
