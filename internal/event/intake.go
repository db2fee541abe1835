package event

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/media"
)

// intake is one attempt to take one file in.
type intake struct {
	*Uploads
	args   IngestArgs
	upload Upload
	done   fraction
}

// fraction is a number from 0 to 1 that one goroutine writes and another reads.
type fraction struct{ bits atomic.Uint64 }

func (f *fraction) load() float64   { return math.Float64frombits(f.bits.Load()) }
func (f *fraction) store(v float64) { f.bits.Store(math.Float64bits(min(max(v, 0), 1))) }

func (w *intake) tenant() string { return string(w.args.Tenant) }

// run inspects the file and makes it an asset, then makes what is derived from it.
func (w *intake) run(ctx context.Context) error {
	if w.upload.Size == 0 {
		return emptyFile()
	}
	asset, there, err := w.adopted(ctx)
	if err != nil {
		return err
	}
	if !there {
		if asset, err = w.adopt(ctx); err != nil {
			return err
		}
	}
	w.done.store(0.1)
	made, err := w.derive(ctx, asset)
	if err != nil {
		return err
	}
	return w.end(ctx, made)
}

// adopted finds the asset if an earlier attempt got that far.
func (w *intake) adopted(ctx context.Context) (Asset, bool, error) {
	var all []Asset
	err := w.DB.Read(ctx, w.args.Tenant, func(tx pgx.Tx) error {
		var err error
		all, err = AssetsTx(ctx, tx, w.upload.EventID)
		return err
	})
	for _, a := range all {
		if a.ID == AssetID(w.upload.ID) {
			return a, true, nil
		}
	}
	return Asset{}, false, err
}

// adopt inspects the uploaded file, moves it to its place and adds it to the event.
func (w *intake) adopt(ctx context.Context) (Asset, error) {
	a := Asset{ID: AssetID(w.upload.ID), EventID: w.upload.EventID, Flavor: w.upload.Flavor, Tags: w.upload.Tags, Language: w.upload.Language,
		Source: true, Internal: true, Properties: map[string]string{"filename": w.upload.Filename}}
	a.Path = "assets/" + string(a.ID) + "/" + safeName(w.upload.Filename)
	from := w.upload.path()
	local, release, err := w.Files.Local(ctx, w.tenant(), from)
	if fault.KindOf(err) == fault.NotFound { // moved by an attempt that died before it could say so
		from = a.Path
		local, release, err = w.Files.Local(ctx, w.tenant(), from)
	}
	if err != nil {
		return a, err
	}
	defer release()
	if err := w.describe(ctx, local, &a); err != nil {
		return a, err
	}
	if a.Size, a.Checksum, err = w.store(ctx, a.Path, local); err != nil {
		return a, err
	}
	err = w.fencedTx(ctx, w.args, func(tx pgx.Tx) error {
		if a, err = AddAssetTx(ctx, tx, a); err != nil {
			return err
		}
		return sourceDurationTx(ctx, tx, a.EventID)
	})
	if err == nil {
		w.told()
	}
	return a, err
}

// store moves a file to its place, after it was announced.
func (w *intake) store(ctx context.Context, path, local string) (size int64, checksum string, err error) {
	err = w.DB.Tx(ctx, w.args.Tenant, func(tx pgx.Tx) error { return AnnounceTx(ctx, tx, path) })
	if err != nil {
		return 0, "", err
	}
	return w.Files.Adopt(ctx, w.tenant(), path, local)
}

func (w *intake) told() {
	w.Bus.Publish(Notice(w.args.Tenant, w.upload.EventID),
		live.Notice{Tenant: w.tenant(), Topic: "edit:" + string(w.upload.EventID)})
}

// sourceDurationTx sets the event's duration to its longest original's, as long as nothing is published.
func sourceDurationTx(ctx context.Context, tx pgx.Tx, id ID) error {
	_, err := tx.Exec(ctx, `update event set duration = s.longest
		from (select max(duration) as longest from asset where event_id = $1 and source and kind = 'track'
		      and jsonb_path_exists(streams, '$[*] ? (@.kind == "video" || @.kind == "audio")')) s
		where id = $1 and published_rev is null and duration is distinct from s.longest`, id)
	return err
}

// describe fills in what the file is: subtitles, a picture, or media.
func (w *intake) describe(ctx context.Context, local string, a *Asset) error {
	head, err := readHead(local)
	if err != nil {
		return err
	}
	switch kind := http.DetectContentType(head); {
	case isSubtitleName(w.upload.Filename) || bytes.HasPrefix(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("WEBVTT")):
		return w.describeText(local, a)
	case kind == "image/png" || kind == "image/jpeg" || kind == "image/webp" || kind == "image/gif":
		a.Kind, a.MimeType = "attachment", kind
		return nil
	}
	info, err := media.Inspect(ctx, local)
	if err != nil {
		return err
	}
	duration := Milliseconds(info.Duration)
	a.Kind, a.MimeType, a.Duration = "track", info.MIME, &duration
	a.Properties["playable"] = strconv.FormatBool(info.Playable)
	for _, s := range info.Streams {
		a.Streams = append(a.Streams, StreamOf(s))
	}
	return nil
}

func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return head[:n], err
}

// StreamOf is a stream as the event has it.
func StreamOf(s media.Stream) Stream {
	out := Stream{Kind: string(s.Kind), Codec: s.Codec, Language: s.Language}
	switch s.Kind {
	case media.Video:
		out.Width, out.Height, out.Dynamic = s.Width, s.Height, s.Variable
		out.FrameRate = math.Round(s.FrameRate.Float()*1000) / 1000
	case media.Audio:
		out.Channels, out.SampleRate = s.Channels, s.SampleRate
	case media.Text:
		out.TextKind = "subtitle"
	}
	return out
}

// describeText reads VTT or SRT; the asset keeps the file as it came.
func (w *intake) describeText(local string, a *Asset) error {
	if w.upload.Size > maxSubtitles {
		return fault.New(fault.Invalid, "media.subtitles-large", "A subtitle file may have up to 16 MB.")
	}
	text, err := os.ReadFile(local)
	if err != nil {
		return err
	}
	cues, err := media.ParseSubtitles(text)
	if err != nil {
		return err
	}
	var end int64
	for _, c := range cues.Cues() {
		end = max(end, c.End)
	}
	duration := Milliseconds(end)
	a.Kind, a.MimeType, a.Duration = "track", "text/vtt", &duration
	if !bytes.HasPrefix(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("WEBVTT")) {
		a.MimeType = "application/x-subrip"
	}
	stream := Stream{Kind: "text", TextKind: "subtitle", Origin: "manual"}
	if a.Language != nil {
		stream.Language = *a.Language
	}
	a.Streams = []Stream{stream}
	return nil
}

const maxSubtitles = 16 << 20

// safeName keeps letters, digits, dot, dash and underscore of a file name, so that it can stand in a path and a URL.
func safeName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, "\\", "/"))
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
	safe = strings.TrimLeft(safe, ".")
	if len(safe) > 100 {
		safe = safe[len(safe)-100:]
	}
	if safe == "" {
		return "file"
	}
	return safe
}

// end adds what was made and ends the upload, in one transaction. The row stays for a day, so that a client whose last
// answer was lost hears that all is in, and does not begin anew.
func (w *intake) end(ctx context.Context, made []Asset) error {
	err := w.fencedTx(ctx, w.args, func(tx pgx.Tx) error {
		for _, a := range made {
			if _, err := AddAssetTx(ctx, tx, a); err != nil {
				return fmt.Errorf("add %s: %w", a.Flavor, err)
			}
		}
		if _, err := tx.Exec(ctx, "update upload set ended_at = now(), lease_until = null, progress = 1 where id = $1", w.upload.ID); err != nil {
			return err
		}
		return settleTx(ctx, tx, w.upload.EventID)
	})
	if err == nil {
		w.told()
	}
	return err
}
