package views

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/tus/tusd/v2/pkg/filestore"
	tusd "github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"
)

// TestUploadResumes uploads a file, loses the connection in the middle, loads the page again, chooses the file again and
// ends with all of its bytes.
func TestUploadResumes(t *testing.T) {
	ctx := browser(t)
	folder := t.TempDir()
	composer := tusd.NewStoreComposer()
	filestore.New(folder).UseIn(composer)
	handler, err := tusd.NewHandler(tusd.Config{BasePath: "/api/v1/uploads/", StoreComposer: composer, NotifyCompleteUploads: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	var room atomic.Int64 // bytes that the connection takes before it breaks
	room.Store(3_000_000)
	mux := http.NewServeMux()
	uploads := http.StripPrefix("/api/v1/uploads", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			r.Body = breaking{r.Body, &room}
			defer func() {
				if room.Load() <= 0 {
					panic(http.ErrAbortHandler)
				}
			}()
		}
		if r.Method == http.MethodPost {
			w.Header().Set("Cutroom-Event", "e1")
		}
		handler.ServeHTTP(w, r)
	}))
	mux.Handle("/api/v1/uploads", uploads)
	mux.Handle("/api/v1/uploads/", uploads)
	mux.Handle("/", preview(""))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	const size = 8_000_000
	file := filepath.Join(t.TempDir(), "hoersaal-3.mp4")
	if err := os.WriteFile(file, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate(server.URL+"/recordings"), chromedp.SetUploadFiles(chromedp.CSS("[data-upload-files]"), []string{file}))
	until(t, ctx, "some bytes", `document.querySelector(".upload progress")?.value > 0.1`)
	until(t, ctx, "the wait", `document.querySelector(".upload-about")?.textContent.includes("Waits for the connection")`)

	room.Store(1 << 40)
	do(t, ctx, chromedp.Navigate(server.URL+"/recordings"))
	until(t, ctx, "the question for the file", `document.querySelector("[data-previous] .upload-about")?.textContent.includes("is there already")`)
	go func() {
		for range handler.CompleteUploads {
			return
		}
	}()
	do(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("[data-previous] input[type=file]"), []string{file}))
	until(t, ctx, "the end", `document.querySelectorAll(".upload").length === 1 && document.querySelector(".upload-about a")?.getAttribute("href") !== undefined || document.querySelector(".upload-about")?.textContent.includes("Uploaded.")`)
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && info.Size() == size {
			whole++
		}
	}
	if whole != 1 {
		t.Errorf("%d whole files in %v", whole, files)
	}
}

// breaking is a body whose connection breaks when there is no more room.
type breaking struct {
	io.ReadCloser
	room *atomic.Int64
}

func (b breaking) Read(p []byte) (int, error) {
	if b.room.Load() <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p)
	b.room.Add(-int64(n))
	return n, err
}
