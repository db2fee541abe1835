package postgres

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// ErrMissing says that no PostgreSQL server is installed. Its text is one line and tells what to install.
var ErrMissing = errors.New("no PostgreSQL server found (initdb and postgres): install it, on Debian and Ubuntu with `apt-get install postgresql`")

// FindBinaries returns the folder that holds initdb and postgres: the one on PATH, else Debian's newest version; ErrMissing
// when there is none.
func FindBinaries() (string, error) {
	var folders []string
	if found, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
		folders = append(folders, filepath.Dir(found))
	}
	for _, folder := range append(folders, debianFolders("/usr/lib/postgresql")...) {
		if executable(filepath.Join(folder, "initdb")) && executable(filepath.Join(folder, "postgres")) {
			return folder, nil
		}
	}
	return "", ErrMissing
}

// debianFolders lists VERSION/bin under root, highest version first.
func debianFolders(root string) []string {
	versions, _ := os.ReadDir(root)
	var numbers []int
	for _, version := range versions {
		if n, err := strconv.Atoi(version.Name()); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	var folders []string
	for _, n := range numbers {
		folders = append(folders, filepath.Join(root, strconv.Itoa(n), "bin"))
	}
	return folders
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
