package jobs

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/media"
	"cutroom/internal/run"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// studio is a node with real files and the event `e1`: two tracks of 12 s, one in English with subtitles.
type studio struct {
	t     *testing.T
	db    *tenant.DB
	files storage.Store
	runs  *run.Store
	edits *edit.Store
	who   user.Who
}

func newStudio(t *testing.T, alter func(*Render)) *studio {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("ffmpeg is not installed")
	}
	local, err := storage.NewLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &studio{t: t, db: dbtest.New(t), files: local, who: user.System(dbtest.Tenant)}
	s.edits = &edit.Store{DB: s.db, Bus: live.Discard{}, Lines: func(context.Context, tenant.ID, string) ([]edit.Cue, error) { return nil, nil }}
	if s.runs, err = run.New(s.db, s.edits, live.Discard{}); err != nil {
		t.Fatal(err)
	}
	length := event.Milliseconds(12_000)
	s.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "insert into event (id, title, owner, created_by, duration, state) values ('e1', 'A lecture', 'ben', 'ben', 12000, 'ready')")
		return err
	})
	s.add(event.Asset{ID: "camera", Flavor: "presenter/source", MimeType: "video/mp4", Duration: &length, Streams: []event.Stream{{Kind: "video"}, {Kind: "audio"}}},
		clip(t, "testsrc=size=320x180:rate=25", true))
	s.add(event.Asset{ID: "slides", Flavor: "presentation/source", MimeType: "video/mp4", Duration: &length, Streams: []event.Stream{{Kind: "video"}}},
		clip(t, "testsrc2=size=320x180:rate=30000/1001", false))
	english := "en"
	lines := filepath.Join(t.TempDir(), "lines.vtt")
	if err := os.WriteFile(lines, []byte("WEBVTT\n\n00:01.000 --> 00:02.000\ngone\n\n00:03.500 --> 00:05.000\nstays\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.add(event.Asset{ID: "lines", Flavor: "captions/source", MimeType: "text/vtt", Duration: &length, Language: &english, Streams: []event.Stream{{Kind: "text", TextKind: "subtitle", Language: "en"}}}, lines)
	render := &Render{Runs: s.runs, Files: s.files, Node: "studio"}
	if alter != nil {
		alter(render)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, render)
	node := &Node{DB: s.db, Runs: s.runs, Workers: workers, Name: "studio", Log: slog.New(slog.DiscardHandler)}
	if err := node.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for range 2 {
			if err := node.Stop(ctx); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// clip makes 12 s of video.
func clip(t *testing.T, picture string, sound bool) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "clip.mp4")
	args := []string{"-v", "error", "-f", "lavfi", "-i", picture}
	if sound {
		args = append(args, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000")
	}
	args = append(args, "-t", "12", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", out)
	if text, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}

func (s *studio) tx(fn func(pgx.Tx) error) {
	s.t.Helper()
	if err := s.db.Tx(s.t.Context(), dbtest.Tenant, fn); err != nil {
		s.t.Fatal(err)
	}
}

// add stores a file as an original.
func (s *studio) add(a event.Asset, local string) {
	s.t.Helper()
	var err error
	a.EventID, a.Kind, a.Source, a.Internal, a.Path = "e1", "track", true, true, "assets/"+string(a.ID)+"/"+filepath.Base(local)
	if a.Size, a.Checksum, err = s.files.Adopt(s.t.Context(), string(dbtest.Tenant), a.Path, local); err != nil {
		s.t.Fatal(err)
	}
	s.tx(func(tx pgx.Tx) error { _, err := event.AddAssetTx(s.t.Context(), tx, a); return err })
}

// change sends ops to the edit.
func (s *studio) change(ops ...edit.Op) {
	s.t.Helper()
	var sent []edit.Sent
	for i, op := range ops {
		sent = append(sent, edit.Sent{ID: strconv.Itoa(i) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36), Op: edit.Encode(op)})
	}
	got, err := s.edits.Submit(s.t.Context(), s.who, "", "e1", sent)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range got.Results {
		if r.Code != "" {
			s.t.Fatalf("refused: %+v", r)
		}
	}
}

// publish submits a run and waits until it is over.
func (s *studio) publish() run.Run {
	s.t.Helper()
	r, err := s.runs.Submit(s.t.Context(), s.who, "e1", run.Workflow, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(60*time.Second)
	defer tick.Stop()
	for !r.State.Final() {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("the run is not over: %+v", r)
		}
		if r, err = s.runs.Find(s.t.Context(), s.who, r.ID); err != nil {
			s.t.Fatal(err)
		}
	}
	return r
}

// public gives the event and its public assets by flavor.
func (s *studio) public() (event.Event, map[string]event.Asset) {
	s.t.Helper()
	e, err := (&event.Store{DB: s.db, Bus: live.Discard{}}).Find(s.t.Context(), s.who, "e1", event.ToWrite)
	if err != nil {
		s.t.Fatal(err)
	}
	all := map[string]event.Asset{}
	for _, a := range e.Assets {
		if !a.Internal {
			all[a.Flavor] = a
		}
	}
	return e, all
}

func (s *studio) read(a event.Asset) string {
	s.t.Helper()
	f, err := s.files.Open(s.t.Context(), string(dbtest.Tenant), a.Path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestRenderPublishesAllThatBelongsToACut(t *testing.T) {
	t.Parallel()
	s := newStudio(t, nil)
	s.change(edit.Cut{Start: 0, End: 3000}, edit.Cut{Start: 6000, End: 8000}, edit.SetChapter{ID: "c1", At: 0, Title: "A < B"}, edit.SetChapter{ID: "c2", At: 9000, Title: "End"})
	r := s.publish()
	if r.State != run.Done || r.Progress != 1 {
		t.Fatalf("%+v", r)
	}
	e, all := s.public()
	if *e.Duration != 7000 || e.PublishedRev == nil || *e.PublishedRev != r.Rev {
		t.Fatalf("%+v", e)
	}
	want := []string{"captions/delivery", "chapters/delivery", "oc/thumbnail", "presentation/delivery", "presentation/timeline-preview", "presenter/delivery", "presenter/timeline-preview"}
	var flavors []string
	for f, a := range all {
		flavors = append(flavors, f)
		if a.Kind == "track" && *a.Duration != 7000 || a.Source {
			t.Errorf("%+v", a)
		}
	}
	slices.Sort(flavors)
	if !slices.Equal(flavors, want) {
		t.Fatalf("published are %v", flavors)
	}
	if text := s.read(all["captions/delivery"]); strings.Contains(text, "gone") || !strings.Contains(text, "00:00:00.500 --> 00:00:02.000\nstays") {
		t.Error(text)
	}
	if l := all["captions/delivery"].Language; l == nil || *l != "en" {
		t.Errorf("language %v", l)
	}
	if text := s.read(all["chapters/delivery"]); !strings.Contains(text, "00:00:00.000 --> 00:00:04.000\nA &lt; B") || !strings.Contains(text, "00:00:04.000 --> 00:00:07.000\nEnd") {
		t.Error(text)
	}
	if p := all["oc/thumbnail"].Properties; p["w"] != "320" || p["h"] != "180" {
		t.Errorf("thumbnail %v", p)
	}
	s.isCut(all["presenter/delivery"], 175, true)
	s.isCut(all["presentation/delivery"], 0, false)
	s.publish()
	if _, next := s.public(); next["presenter/delivery"].ID == all["presenter/delivery"].ID || next["presenter/delivery"].Path == all["presenter/delivery"].Path {
		t.Errorf("the same cut again: %+v", next["presenter/delivery"])
	}
}

func TestARetryUsesWhatTheFailedRunMade(t *testing.T) {
	t.Parallel()
	fails := true // the worker's goroutine alone has it, one run after the other
	s := newStudio(t, func(r *Render) {
		r.Make = func(ctx context.Context, h *run.Held) (run.Result, error) {
			result, err := r.render(ctx, h)
			if err == nil && fails {
				fails = false
				err = fault.New(fault.Invalid, "", "This one fails at the end.")
			}
			return result, err
		}
	})
	if r := s.publish(); r.State != run.Failed || r.Error != "This one fails at the end." {
		t.Fatalf("%+v", r)
	}
	again := s.publish()
	lines, err := s.runs.Log(t.Context(), s.who, again.ID, 50)
	if err != nil || again.State != run.Done || !slices.ContainsFunc(lines, func(l run.Line) bool { return strings.Contains(l.Text, "used again") }) {
		t.Errorf("%+v %v %v", again, lines, err)
	}
}

// isCut looks into a published file.
func (s *studio) isCut(a event.Asset, frames int, sound bool) {
	s.t.Helper()
	local, release, err := s.files.Local(s.t.Context(), string(dbtest.Tenant), a.Path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer release()
	info, err := media.Inspect(s.t.Context(), local)
	if err != nil {
		s.t.Fatal(err)
	}
	if (info.Audio() != nil) != sound || info.Duration < 6950 || info.Duration > 7050 || a.Has("audio") != sound {
		s.t.Errorf("%s: %+v", a.Flavor, info)
	}
	out, err := exec.CommandContext(s.t.Context(), "ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries", "stream=nb_read_packets", "-of", "json", local).Output()
	var seen struct {
		Streams []struct {
			N string `json:"nb_read_packets"`
		} `json:"streams"`
	}
	if err == nil {
		err = json.Unmarshal(out, &seen)
	}
	if err != nil || frames > 0 && seen.Streams[0].N != strconv.Itoa(frames) {
		s.t.Errorf("%s: %v %s", a.Flavor, err, out)
	}
}

// full is a storage without room for what runs make.
type full struct{ storage.Store }

func (full) Adopt(context.Context, string, string, string) (int64, string, error) {
	return 0, "", fault.New(fault.Unavailable, "disk-full", "The disk is full: free some space on the server, then try again.")
}

func TestAFullDiskFailsInWordsAndKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	s := newStudio(t, func(r *Render) { r.Files = full{r.Files} })
	before, _ := s.public()
	r := s.publish()
	if r.State != run.Failed || !strings.Contains(r.Error, "disk is full") {
		t.Fatalf("%+v", r)
	}
	if after, _ := s.public(); len(after.Assets) != len(before.Assets) || after.PublishedRev != nil {
		t.Fatalf("%+v", after)
	}
}
