package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
)

// What a run makes lies under a name that follows from all that it was made of, so a run that goes on elsewhere, or a
// retry of one that failed, does not make it again; and two workers that make the same do no harm. The last run that was
// done is part of the name: who publishes the same again may not trust the files that are shown, and a file that is shown
// must never be written anew. Beside each file lies a note of what it is. Both are named in file_garbage from before they
// are there (event.AnnounceTx): what no asset names is swept after a day.
const (
	noteName = "made.json"
	// recipe changes when what is made of the same inputs changes.
	recipe = "1"
)

// key is the folder of what is made of the given inputs, below one of the event.
func (r *rendering) key(what string, inputs ...any) string {
	h := sha256.New()
	_ = json.NewEncoder(h).Encode(append([]any{recipe, encoder(), r.after, what}, inputs...))
	return event.MadeFolder(r.Args.Event) + hex.EncodeToString(h.Sum(nil))
}

func (r *rendering) cutKey(c cutTrack) string {
	return r.key("cut", c.source.Checksum, r.kept, r.src.Duration, c.video, c.audio)
}

// encoder is the version of ffmpeg: another one makes other bytes.
var encoder = sync.OnceValue(func() string {
	out, _ := exec.Command("ffmpeg", "-version").Output()
	line, _, _ := bytes.Cut(out, []byte("\n"))
	return string(line)
})

// cached gives the file that was made before under the key, or makes it: build writes it to out and says what it is. The
// asset that comes back has path, size and checksum.
func (r *rendering) cached(ctx context.Context, key, name string, build func(out string) (event.Asset, error)) (a event.Asset, again bool, err error) {
	path := key + "/" + name
	if err := r.keep(ctx, path, key+"/"+noteName); err != nil {
		return a, false, err
	}
	if a, err := r.note(ctx, key, path); err == nil {
		return a, true, nil
	}
	out := filepath.Join(r.dir, name)
	if a, err = build(out); err != nil {
		return a, false, err
	}
	a.Path = path
	if a.Size, a.Checksum, err = r.Files.Adopt(ctx, r.tenant(), path, out); err != nil {
		return a, false, err
	}
	note, err := json.Marshal(a)
	if err != nil {
		return a, false, err
	}
	_, _, err = r.Files.Put(ctx, r.tenant(), key+"/"+noteName, bytes.NewReader(note))
	return a, false, err
}

// keep has the sweeper leave files alone for a day, whether they are there or are about to be.
func (r *rendering) keep(ctx context.Context, paths ...string) error {
	return r.Runs.DB.Tx(ctx, r.Args.Tenant, func(tx pgx.Tx) error {
		return event.AnnounceTx(ctx, tx, paths...)
	})
}

// note reads what an earlier attempt wrote down, and looks whether the file is whole.
func (r *rendering) note(ctx context.Context, key, path string) (event.Asset, error) {
	var a event.Asset
	f, err := r.Files.Open(ctx, r.tenant(), key+"/"+noteName)
	if err != nil {
		return a, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, err
	}
	made, err := r.Files.Open(ctx, r.tenant(), path)
	if err != nil {
		return a, err
	}
	defer made.Close()
	if a.Path != path || made.Size() != a.Size {
		return a, fmt.Errorf("%s is not what was made", path)
	}
	return a, nil
}
