package media

import (
	"io"
	"os"
	"path/filepath"

	"cutroom/internal/fault"
)

func noSound() *fault.Error {
	return fault.New(fault.Invalid, "media.no-sound", "This file holds no sound.")
}

func noPicture() *fault.Error {
	return fault.New(fault.Invalid, "media.no-picture", "This file holds no picture.")
}

// A workplace is a folder beside the file to be written, on the same file system, for everything that is not finished.
// A killed worker leaves at most this folder; its name begins with ".making-".
type workplace struct{ dir string }

func newWorkplace(out string) (workplace, error) {
	dir, err := os.MkdirTemp(filepath.Dir(out), ".making-")
	return workplace{dir}, explain(err, nil)
}

func (w workplace) path(name string) string { return filepath.Join(w.dir, name) }

func (w workplace) remove() { _ = os.RemoveAll(w.dir) }

// publish makes the finished file name visible under out: fsync, rename, fsync of the folder.
func (w workplace) publish(name, out string) error {
	f, err := os.Open(w.path(name))
	if err != nil {
		return err
	}
	err = f.Sync()
	_ = f.Close()
	if err == nil {
		err = os.Rename(w.path(name), out)
	}
	if err != nil {
		return explain(err, nil)
	}
	dir, err := os.Open(filepath.Dir(out))
	if err != nil {
		return err
	}
	defer dir.Close()
	_ = dir.Sync() // not every file system can
	return nil
}

// writeFile writes out whole or not at all.
func writeFile(out string, data []byte) error {
	return makeFile(out, func(f io.Writer) error {
		_, err := f.Write(data)
		return err
	})
}

func makeFile(out string, write func(io.Writer) error) error {
	w, err := newWorkplace(out)
	if err != nil {
		return err
	}
	defer w.remove()
	f, err := os.Create(w.path("out"))
	if err != nil {
		return explain(err, nil)
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return explain(err, nil)
	}
	return w.publish("out", out)
}
