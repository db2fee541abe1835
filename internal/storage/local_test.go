package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"cutroom/internal/fault"
)

func setup(t *testing.T) *Local {
	t.Helper()
	l, err := NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func read(t *testing.T, l *Local, tenant, p string) string {
	t.Helper()
	f, err := l.Open(t.Context(), tenant, p)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil || int64(len(b)) != f.Size() {
		t.Fatalf("%d bytes of %d, %v", len(b), f.Size(), err)
	}
	return string(b)
}

// files gives all that lies in the folder, temporary files too.
func files(t *testing.T, l *Local) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(l.dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(l.dir, p)
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func TestPutIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	l := setup(t)
	size, sum, err := l.Put(t.Context(), "demo", "events/e1/a.mp4", strings.NewReader("picture"))
	if err != nil || size != 7 || sum != sumOf("picture") {
		t.Fatalf("%d %s %v", size, sum, err)
	}
	if got := read(t, l, "demo", "events/e1/a.mp4"); got != "picture" {
		t.Errorf("got %q", got)
	}
	broken := errors.New("the client went away")
	_, _, err = l.Put(t.Context(), "demo", "events/e1/b.mp4", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.Put(ctx, "demo", "events/e1/c.mp4", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := files(t, l); len(got) != 1 {
		t.Errorf("left: %v", got)
	}
	_, err = l.Open(t.Context(), "demo", "events/e1/b.mp4")
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestNoPathLeadsOut(t *testing.T) {
	t.Parallel()
	l := setup(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Put(t.Context(), "other", "x", strings.NewReader("theirs")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(l.dir, "demo"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(l.dir, "demo", "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../other", filepath.Join(l.dir, "demo", "next")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("other", filepath.Join(l.dir, "alias")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"../other/x", "next/x", "next/y", "next", "/etc/passwd", "a/../../other/x", "", ".", "..", "a//b", "link/secret", "a\x00b", "./a", "a/"} {
		if _, err := l.Open(t.Context(), "demo", p); err == nil {
			t.Errorf("%q was opened", p)
		}
		if _, _, err := l.Put(t.Context(), "demo", p, strings.NewReader("x")); err == nil {
			t.Errorf("%q was written", p)
		}
		if _, err := l.WriteAt(t.Context(), "demo", p, 0, strings.NewReader("x")); err == nil {
			t.Errorf("%q was written at", p)
		}
		_ = l.Remove(t.Context(), "demo", p)
	}
	for _, tenant := range []string{"..", "", ".tmp", "a/b", "Demo", "demo/../other", "alias"} {
		if _, err := l.Open(t.Context(), tenant, "x"); err == nil {
			t.Errorf("tenant %q was opened", tenant)
		}
		if err := l.RemoveTenant(t.Context(), tenant); err == nil && tenant != "alias" { // the link itself goes
			t.Errorf("tenant %q was removed", tenant)
		}
	}
	if _, err := os.Stat(filepath.Join(outside, "secret")); err != nil {
		t.Error(err)
	}
	if got := read(t, l, "other", "x"); got != "theirs" {
		t.Errorf("got %q", got)
	}
}

func TestAdoptMovesAndMeasures(t *testing.T) {
	t.Parallel()
	l := setup(t)
	dir, remove, err := l.Temp(t.Context(), "demo", "render/../7")
	if err != nil || !strings.HasPrefix(dir, filepath.Join(l.dir, tempFolder)+"/") {
		t.Fatalf("%s %v", dir, err)
	}
	elsewhere := filepath.Join(t.TempDir(), "in.mp4")
	if _, err := l.WriteAt(t.Context(), "demo", "uploads/u1", 0, strings.NewReader("sound")); err != nil {
		t.Fatal(err)
	}
	upload, release, err := l.Local(t.Context(), "demo", "uploads/u1")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for _, from := range []string{filepath.Join(dir, "out.mp4"), elsewhere, upload} {
		if from != upload {
			if err := os.WriteFile(from, []byte("sound"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		size, sum, err := l.Adopt(t.Context(), "demo", "events/e/x.mp4", from)
		if err != nil || size != 5 || sum != sumOf("sound") {
			t.Fatalf("%d %s %v", size, sum, err)
		}
		if _, err := os.Stat(from); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", from)
		}
		if got := read(t, l, "demo", "events/e/x.mp4"); got != "sound" {
			t.Errorf("got %q", got)
		}
	}
	if _, _, err := l.Adopt(t.Context(), "demo", "events/e/y.mp4", elsewhere); err == nil {
		t.Error("a file that is not there was adopted")
	}
	remove()
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder for work is still there")
	}
	if got := files(t, l); !slices.Equal(got, []string{"demo/events/e/x.mp4"}) {
		t.Errorf("left: %v", got)
	}
}

func TestWriteAtGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	l := setup(t)
	n, err := l.WriteAt(t.Context(), "demo", "uploads/u", 0, io.MultiReader(strings.NewReader("half a "), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if n != 7 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%d %v", n, err)
	}
	if n, err := l.WriteAt(t.Context(), "demo", "uploads/u", n, strings.NewReader("file")); n != 4 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if got := read(t, l, "demo", "uploads/u"); got != "half a file" {
		t.Errorf("got %q", got)
	}
}

func TestRemoveAndWalk(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, p := range []string{"events/a/1", "events/a/2", "events/b/1"} {
		if _, _, err := l.Put(t.Context(), "demo", p, strings.NewReader(p)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := l.Remove(t.Context(), "demo", "events/b/1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(l.dir, "demo/events/b")); !errors.Is(err, os.ErrNotExist) {
		t.Error("an empty folder is left")
	}
	var seen []string
	walk := func(p string, size int64, at time.Time) error {
		if size != int64(len(p)) || time.Since(at) > time.Minute {
			t.Errorf("%s: %d bytes of %v", p, size, at)
		}
		seen = append(seen, p)
		return nil
	}
	if err := l.Walk(t.Context(), "demo", walk); err != nil || !slices.Equal(seen, []string{"events/a/1", "events/a/2"}) {
		t.Errorf("%v %v", seen, err)
	}
	if err := l.Walk(t.Context(), "nobody", walk); err != nil {
		t.Error(err)
	}
	if err := l.RemoveTenant(t.Context(), "demo"); err != nil || len(files(t, l)) != 0 {
		t.Errorf("%v, left: %v", err, files(t, l))
	}
}

func TestPutAndRemoveSideBySide(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var group sync.WaitGroup
	for i := range 8 {
		p := "a/b/" + string(rune('a'+i))
		group.Go(func() {
			for range 30 {
				if _, _, err := l.Put(t.Context(), "demo", p, strings.NewReader(p)); err != nil {
					t.Error(err)
				}
				if err := l.Remove(t.Context(), "demo", p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestAFullDiskIsToldInWords(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		_, _, err := l.Put(t.Context(), "demo", "x", iotest.ErrReader(&os.PathError{Op: "write", Path: "/x", Err: cause}))
		f := fault.As(err)
		if f == nil || f.Kind != fault.Unavailable || f.ID != "disk-full" || !strings.HasPrefix(f.Text, "The disk is full") {
			t.Errorf("got %v", err)
		}
	}
	// A real one, where there is a device that is always full.
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer full.Close()
	if _, err := copyTo(t.Context(), full, bytes.NewReader(make([]byte, 10))); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestSweepTempLeavesWhatIsInWork(t *testing.T) {
	t.Parallel()
	l := setup(t)
	old, _, err := l.Temp(t.Context(), "demo", "old")
	if err != nil {
		t.Fatal(err)
	}
	young, _, err := l.Temp(t.Context(), "demo", "young")
	if err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-48 * time.Hour)
	for _, dir := range []string{old, young} {
		if err := os.Chtimes(dir, past, past); err != nil {
			t.Fatal(err)
		}
	}
	part := filepath.Join(young, "part")
	if err := os.WriteFile(part, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.SweepTemp(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error("what a dead node left is still there")
	}
	if _, err := os.Stat(part); err != nil {
		t.Error(err)
	}
}

func TestOpenByAddress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Open("file://" + dir + "/storage"); err != nil {
		t.Error(err)
	}
	for _, address := range []string{"", "s3://bucket?endpoint=x", "ftp://x/y", "/plain/path", "file://", "%"} {
		if _, err := Open(address); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
