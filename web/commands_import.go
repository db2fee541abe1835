package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cutroom/internal/event"
	"cutroom/internal/user"
)

type importCommand struct {
	Tenant string   `required:"" help:"Where the recordings go."`
	Series string   `help:"Id of the series that they belong to."`
	Title  string   `help:"Title of the recording; the file's name when absent."`
	Path   []string `arg:"" help:"Video or sound files."`
}

// imported is the line that a brought-in file prints.
type imported struct {
	Event  event.ID        `json:"event"`
	Report []event.Finding `json:"report"`
}

// refused is the line that any other file prints.
type refused struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// Run takes the files in one after another; one that is refused does not keep the others out. The files are copied and
// inspected here, the rest is done by a node with the jobs role.
func (i importCommand) Run(c *call) error {
	a, t, err := c.inTenant(i.Tenant)
	if err != nil {
		return err
	}
	defer a.close()
	lines := json.NewEncoder(c.out)
	var wrong []error
	for _, path := range i.Path {
		id, err := i.take(c, a, user.System(t), path)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %s", filepath.Base(path), oneLine(err)))
			err = lines.Encode(refused{path, oneLine(err)})
		} else {
			err = lines.Encode(imported{id, []event.Finding{}})
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(wrong...)
}

func (i importCommand) take(c *call, a *app, who user.Who, path string) (event.ID, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("this is no file")
	}
	upload, err := a.uploads.Take(c.ctx, who, event.NewUpload{Title: i.Title, Series: event.SeriesID(i.Series), Filename: filepath.Base(path)}, c.shown(file, path, info.Size()))
	return upload.EventID, err
}

// shown passes a file's bytes on, and tells a person at a terminal how far it is.
func (c *call) shown(r io.Reader, name string, size int64) io.Reader {
	if !isTerminal(c.err) || size == 0 {
		return r
	}
	return &progressReader{Reader: r, w: c.err, name: filepath.Base(name), size: size}
}

type progressReader struct {
	io.Reader
	w          io.Writer
	name       string
	size, read int64
	percent    int64
}

// Read reads, and writes a line over itself at each new percent.
func (p *progressReader) Read(into []byte) (int, error) {
	n, err := p.Reader.Read(into)
	p.read += int64(n)
	if now := 100 * p.read / p.size; now != p.percent {
		p.percent = now
		fmt.Fprintf(p.w, "\r%s %d %%", p.name, now)
		if now == 100 {
			fmt.Fprintln(p.w)
		}
	}
	return n, err
}
