package event_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
)

// intake is a bundle with storage and a node that takes files in.
type intake struct {
	*bundle
	uploads *event.Uploads
	dir     string
}

func setupIntake(t *testing.T) *intake {
	t.Helper()
	b := setup(t)
	dir := t.TempDir()
	files, err := storage.NewLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	jobs, err := river.NewClient(riverpgxv5.New(b.db.Pool), &river.Config{Schema: tenant.RiverSchema})
	if err != nil {
		t.Fatal(err)
	}
	return &intake{bundle: b, dir: dir, uploads: &event.Uploads{DB: b.db, Bus: b.bus, Files: files, Jobs: jobs, Node: "node-1"}}
}

// clip makes a small film with sound.
func clip(t *testing.T, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ffmpeg is missing: apt-get install ffmpeg")
		}
		t.Skip("ffmpeg is missing: apt-get install ffmpeg")
	}
	out := filepath.Join(t.TempDir(), "clip.mp4")
	all := append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2", "-f", "lavfi", "-i", "sine=frequency=300:duration=2",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"}, args...)
	if text, err := exec.Command("ffmpeg", append(all, out)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v %s", err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// send uploads a file in pieces and says that the last byte is in.
func (b *intake) send(data []byte, n event.NewUpload) event.Upload {
	b.Helper()
	n.Size = int64(len(data))
	u, err := b.uploads.Start(b.Context(), b.ben, n)
	if err != nil {
		b.Fatal(err)
	}
	for at := 0; at < len(data); at += 100_000 {
		piece := data[at:min(at+100_000, len(data))]
		if got, err := b.uploads.Receive(b.Context(), dbtest.Tenant, u, int64(at), bytes.NewReader(piece)); err != nil || got != int64(len(piece)) {
			b.Fatalf("%d bytes of %d were taken: %v", got, len(piece), err)
		}
	}
	if err := b.uploads.Finish(b.Context(), dbtest.Tenant, u.ID); err != nil {
		b.Fatal(err)
	}
	return u
}

// jobs are the jobs made for an upload, oldest first.
func (b *intake) jobs(id event.UploadID) []event.IngestArgs {
	b.Helper()
	rows, err := b.db.Pool.Query(b.Context(), "select args from river.river_job where kind = 'event_ingest' and args->>'upload' = $1 order by id", id)
	if err != nil {
		b.Fatal(err)
	}
	args, err := pgx.CollectRows(rows, pgx.RowTo[event.IngestArgs])
	if err != nil {
		b.Fatal(err)
	}
	return args
}

func (b *intake) newest(id event.UploadID) event.IngestArgs {
	b.Helper()
	all := b.jobs(id)
	if len(all) == 0 {
		b.Fatal("no job was made")
	}
	return all[len(all)-1]
}

func (b *intake) find(id event.ID) event.Event {
	b.Helper()
	e, err := b.store.Find(b.Context(), b.ben, id, event.ToWrite)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func flavors(e event.Event) string {
	var all []string
	for _, a := range e.Assets {
		all = append(all, a.Flavor)
	}
	return strings.Join(all, " ")
}

func TestAFileComesIn(t *testing.T) {
	b := setupIntake(t)
	data := clip(t)
	u := b.send(data, event.NewUpload{Filename: "Lecture_1.mp4"})
	if e := b.find(u.EventID); e.State != event.Processing || e.Title != "Lecture 1" {
		t.Fatalf("after the last byte: state %s, title %q", e.State, e.Title)
	}
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	e := b.find(u.EventID)
	if e.State != event.Ready || e.Duration == nil || *e.Duration < 1950 || *e.Duration > 2100 {
		t.Fatalf("state %s, duration %v", e.State, e.Duration)
	}
	for _, want := range []string{"presentation/source", "presentation/waveform", "presentation/timeline-preview", "oc/thumbnail"} {
		if !strings.Contains(flavors(e), want) {
			t.Errorf("no %s among %s", want, flavors(e))
		}
	}
	if strings.Contains(flavors(e), "/preview") {
		t.Error("a preview was made of what browsers play")
	}
	// A client that did not hear the last answer asks again, and begins nothing anew.
	if again, err := b.uploads.Find(b.Context(), b.ben, u.ID); err != nil || again.Received != again.Size {
		t.Errorf("the upload is forgotten at once: %v", err)
	}
	if all, err := b.uploads.Of(b.Context(), b.ben, u.EventID); err != nil || len(all) != 0 {
		t.Errorf("an upload that is an asset is shown still: %v %v", all, err)
	}
	var found []event.Violation
	err := event.Verify(b.Context(), b.db, b.uploads.Files, dbtest.Tenant, true, func(v event.Violation) { found = append(found, v) })
	if err != nil || len(found) > 0 {
		t.Fatalf("verify: %v %v", found, err)
	}
	for _, a := range e.Assets {
		if !a.Internal {
			t.Errorf("%s is public before anything is published", a.Flavor)
		}
	}
}

func TestWhatBrowsersCannotPlayGetsAPreview(t *testing.T) {
	b := setupIntake(t)
	u := b.send(clip(t, "-c:v", "mpeg4"), event.NewUpload{Filename: "old.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	if e := b.find(u.EventID); e.State != event.Ready || !strings.Contains(flavors(e), "presentation/preview") {
		t.Fatalf("state %s, %s", e.State, flavors(e))
	}
}

func TestWhatIsNoMediaIsRefusedInWords(t *testing.T) {
	b := setupIntake(t)
	u := b.send([]byte(strings.Repeat("These are only words.\n", 50)), event.NewUpload{Filename: "notes.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	e := b.find(u.EventID)
	if e.State != event.Failed || e.Error == nil || *e.Error == "" || len(e.Assets) > 0 {
		t.Fatalf("state %s, error %v, %d assets", e.State, e.Error, len(e.Assets))
	}
	if _, err := b.uploads.Start(b.Context(), b.ben, event.NewUpload{Filename: "a.mp4", Title: "  ", Size: 5}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a blank title: %v", err)
	}
	_, err := b.uploads.Take(b.Context(), b.ben, event.NewUpload{Filename: "notes.mp4", Title: "In one piece"}, strings.NewReader("words"))
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("taken in one piece: %v", err)
	}
	list, err := b.store.List(b.Context(), b.ben, event.Query{Q: "In one piece"})
	if err != nil || len(list.Items) > 0 {
		t.Fatalf("a refused file left %d events: %v", len(list.Items), err)
	}
}

func TestARefusedSecondFileLeavesTheFirst(t *testing.T) {
	b := setupIntake(t)
	u := b.send(clip(t), event.NewUpload{Filename: "good.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	bad := b.send([]byte("no film"), event.NewUpload{Event: u.EventID, Filename: "bad.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(bad.ID)); err != nil {
		t.Fatal(err)
	}
	if e := b.find(u.EventID); e.State != event.Ready {
		t.Fatalf("state %s", e.State)
	}
	all, err := b.uploads.Of(b.Context(), b.ben, u.EventID)
	if err != nil || len(all) != 1 || all[0].Error == nil {
		t.Fatalf("the refusal is not told: %v %v", all, err)
	}
}

// A node that dies leaves its lease; another one takes the upload, and the first one, should it wake up, changes nothing.
func TestALostNodesFileIsTakenByAnother(t *testing.T) {
	b := setupIntake(t)
	u := b.send(clip(t), event.NewUpload{Filename: "a.mp4"})
	lost := b.newest(u.ID)
	if n, err := b.uploads.ReapIngests(b.Context(), dbtest.Tenant); err != nil || n != 0 {
		t.Fatalf("a file whose job was just made was given to another: %d %v", n, err)
	}
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), "update upload set lease_until = now() - interval '1 second' where id = $1", u.ID)
		return err
	})
	if n, err := b.uploads.ReapIngests(b.Context(), dbtest.Tenant); err != nil || n != 1 {
		t.Fatalf("%d files were given to another: %v", n, err)
	}
	if len(b.jobs(u.ID)) != 2 {
		t.Fatal("no new job was made")
	}
	if err := b.uploads.Ingest(b.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if e := b.find(u.EventID); e.State != event.Processing || len(e.Assets) != 0 {
		t.Fatalf("the fenced job worked: %s, %d assets", e.State, len(e.Assets))
	}
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	if e := b.find(u.EventID); e.State != event.Ready {
		t.Fatalf("state %s", e.State)
	}
}

func TestSubtitlesBecomeATextTrack(t *testing.T) {
	b := setupIntake(t)
	u := b.send(clip(t), event.NewUpload{Filename: "a.mp4"})
	if err := b.uploads.Ingest(b.Context(), b.newest(u.ID)); err != nil {
		t.Fatal(err)
	}
	text := "1\n00:00:00,200 --> 00:00:01,500\nHello\n"
	s, err := b.uploads.Take(b.Context(), b.ben, event.NewUpload{Event: u.EventID, Filename: "a.srt", Language: "en"}, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.uploads.Ingest(b.Context(), b.newest(s.ID)); err != nil {
		t.Fatal(err)
	}
	e := b.find(u.EventID)
	for _, a := range e.Assets {
		if string(a.ID) == string(s.ID) {
			if a.Flavor != "captions/source" || !a.Has("text") || a.Language == nil || *a.Language != "en" || *a.Duration != 1500 {
				t.Fatalf("%+v", a)
			}
			return
		}
	}
	t.Fatalf("no text track among %s", flavors(e))
}

func TestAnUploadIsLockedForOneNode(t *testing.T) {
	b := setupIntake(t)
	u, err := b.uploads.Start(b.Context(), b.ben, event.NewUpload{Filename: "a.mp4", Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	_, unlock, err := b.uploads.Lock(b.Context(), dbtest.Tenant, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	other := *b.uploads
	other.Node = "node-2"
	got := make(chan error)
	go func() {
		_, unlock, err := other.Lock(t.Context(), dbtest.Tenant, u.ID)
		if err == nil {
			unlock()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("two nodes hold the lock: %v", err)
	default:
	}
	unlock()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

func TestAStoppedUploadTakesItsEventAlong(t *testing.T) {
	b := setupIntake(t)
	begin := func(n event.NewUpload) event.Upload {
		n.Filename, n.Size = "a.mp4", 10
		u, err := b.uploads.Start(b.Context(), b.ben, n)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	there := func(id event.ID) bool {
		_, err := b.store.Find(b.Context(), b.ben, id, event.ToRead)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
		return err == nil
	}
	stop := func(u event.Upload) {
		t.Helper()
		if err := b.uploads.Stop(b.Context(), b.ben, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	alone := begin(event.NewUpload{})
	stop(alone)
	if there(alone.EventID) {
		t.Error("the event that the upload made is still there")
	}
	if err := b.uploads.Stop(b.Context(), b.ben, alone.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("stopped twice: %v", err)
	}
	older := begin(event.NewUpload{Event: b.event(event.Draft{Title: "Older"}).ID})
	stop(older)
	if !there(older.EventID) {
		t.Error("an event that was there before went with the upload")
	}
	changed := begin(event.NewUpload{})
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), "update event set title = 'Named by hand' where id = $1", changed.EventID)
		return err
	})
	stop(changed)
	if !there(changed.EventID) {
		t.Error("an event that somebody changed went with the upload")
	}
}
