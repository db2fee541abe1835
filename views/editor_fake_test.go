package views

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"cutroom/internal/edit"
)

// fakeEditor serves the editor's page with a real op log and a socket, and nothing else of Cutroom: enough to try the
// page's scripts in a browser without a database.
type fakeEditor struct {
	URL  string
	Page EditorPage

	mu      sync.Mutex
	log     []logged
	seen    map[string]edit.Rev
	state   edit.State
	sockets map[*websocket.Conn]bool
	refuse  bool // sockets are not taken
	dead    bool // nor anything else of the API: all nodes are down
	runs    int
	where   []map[string]any
}

type logged struct {
	Rev    edit.Rev        `json:"rev"`
	ID     string          `json:"id"`
	Author EditorPerson    `json:"author"`
	Op     json.RawMessage `json:"op"`
	At     time.Time       `json:"at"`
}

// startFakeEditor begins with the given page, whose videos lie in dir.
func startFakeEditor(t *testing.T, page EditorPage, dir string) *fakeEditor {
	t.Helper()
	f := &fakeEditor{Page: page, seen: map[string]edit.Rev{}, state: page.Edit.State, sockets: map[*websocket.Conn]bool{}}
	api := "/api/v1/events/" + page.Event.ID
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events/{id}/edit", f.page)
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServer(http.Dir("../static"))))
	mux.Handle("GET /media/", http.StripPrefix("/media/", http.FileServer(http.Dir(dir))))
	mux.HandleFunc("GET "+api+"/live", f.live)
	mux.HandleFunc("GET "+api+"/edit/ops", f.since)
	mux.HandleFunc("POST "+api+"/edit/ops", f.post)
	mux.HandleFunc("GET "+api+"/editors", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"editors": f.Page.Editors}) })
	mux.HandleFunc("POST "+api+"/runs", f.publish)
	mux.HandleFunc("PATCH "+api, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		answer(w, body)
	})
	mux.HandleFunc("POST /fake/op", func(_ http.ResponseWriter, r *http.Request) { // what Jonas does, from a preview's console
		op, _ := io.ReadAll(r.Body)
		f.other(f.Page.Editors[0], string(op))
	})
	mux.HandleFunc("POST /fake/tell", func(_ http.ResponseWriter, r *http.Request) {
		m, _ := io.ReadAll(r.Body)
		f.tell(nil, json.RawMessage(m))
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		dead := f.dead && strings.HasPrefix(r.URL.Path, "/api/")
		f.mu.Unlock()
		if dead {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		f.stop()
		server.Close()
	})
	f.URL = server.URL + "/events/" + page.Event.ID + "/edit"
	return f
}

func (f *fakeEditor) page(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	page := f.Page
	page.Edit = EditorEdit{Rev: edit.Rev(len(f.log)), State: f.state}
	f.mu.Unlock()
	page.Page.Theme = r.URL.Query().Get("theme")
	ctx := WithLang(r.Context(), r.URL.Query().Get("lang"))
	var buf bytes.Buffer
	if err := Editor(page).Render(ctx, &buf); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(buf.Bytes())
}

func (f *fakeEditor) live(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	refuse := f.refuse
	f.mu.Unlock()
	if refuse {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"cutroom.v1"}})
	if err != nil {
		return
	}
	since, _ := strconv.Atoi(r.URL.Query().Get("since"))
	f.mu.Lock()
	since = min(since, len(f.log))
	hello := map[string]any{
		"type": "hello", "rev": len(f.log), "ops": append([]logged{}, f.log[since:]...), "mode": f.Page.Mode, "pen": nil,
		"you": EditorPerson{Session: "me", User: f.Page.You.User, Name: f.Page.You.Name},
	}
	if f.Page.Pen != nil {
		hello["pen"] = map[string]any{"holder": f.Page.Pen}
	}
	f.sockets[c] = true
	f.mu.Unlock()
	f.send(c, hello)
	f.send(c, map[string]any{"type": "editors", "editors": f.Page.Editors})
	for {
		var m struct {
			Type string
			edit.Sent
			Playhead  int64
			Selection []int64
		}
		if err := wsjson.Read(context.Background(), c, &m); err != nil {
			break
		}
		switch m.Type {
		case "op":
			result := f.submit(m.Sent, EditorPerson{Session: "me", User: f.Page.You.User, Name: f.Page.You.Name}, c)
			if result.Rev > 0 {
				f.send(c, map[string]any{"type": "ack", "id": result.ID, "rev": result.Rev})
			} else {
				f.send(c, map[string]any{"type": "refuse", "id": result.ID, "code": result.Code, "message": result.Message})
			}
		case "where":
			f.mu.Lock()
			f.where = append(f.where, map[string]any{"playhead": m.Playhead, "selection": m.Selection})
			f.mu.Unlock()
		}
	}
	f.mu.Lock()
	delete(f.sockets, c)
	f.mu.Unlock()
}

// submit puts an op in the log as the real store does; all sockets but the author's are told.
func (f *fakeEditor) submit(sent edit.Sent, author EditorPerson, own *websocket.Conn) edit.Result {
	f.mu.Lock()
	if rev, known := f.seen[sent.ID]; known {
		f.mu.Unlock()
		return edit.Result{ID: sent.ID, Rev: rev}
	}
	op, err := edit.Parse(sent.Op)
	if err == nil {
		f.state, err = edit.Apply(f.Page.source(), f.state, op)
	}
	if err != nil {
		f.mu.Unlock()
		return edit.Result{ID: sent.ID, Code: edit.CodeOf(err), Message: err.Error()}
	}
	one := logged{edit.Rev(len(f.log) + 1), sent.ID, author, sent.Op, time.Now()}
	f.log = append(f.log, one)
	f.seen[sent.ID] = one.Rev
	f.mu.Unlock()
	f.tell(own, map[string]any{"type": "ops", "ops": []logged{one}})
	return edit.Result{ID: sent.ID, Rev: one.Rev}
}

// other does an op as somebody else.
func (f *fakeEditor) other(who EditorPerson, op string) {
	f.submit(edit.Sent{ID: fmt.Sprintf("other-%d", time.Now().UnixNano()), Op: json.RawMessage(op)}, who, nil)
}

// tell sends to every socket but one.
func (f *fakeEditor) tell(not *websocket.Conn, m any) {
	f.mu.Lock()
	var all []*websocket.Conn
	for c := range f.sockets {
		if c != not {
			all = append(all, c)
		}
	}
	f.mu.Unlock()
	for _, c := range all {
		f.send(c, m)
	}
}

func (f *fakeEditor) send(c *websocket.Conn, m any) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = wsjson.Write(ctx, c, m)
}

// stop breaks every connection, as a node that dies.
func (f *fakeEditor) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.sockets {
		_ = c.CloseNow()
	}
}

// down takes every node away until it is called with false.
func (f *fakeEditor) down(down bool) {
	f.mu.Lock()
	f.dead = down
	f.mu.Unlock()
	f.block(down)
}

// block refuses sockets until it is called with false.
func (f *fakeEditor) block(block bool) {
	f.mu.Lock()
	f.refuse = block
	f.mu.Unlock()
	if block {
		f.stop()
	}
}

// present is the state and the number of ops.
func (f *fakeEditor) present() (edit.State, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state, len(f.log)
}

func (f *fakeEditor) since(w http.ResponseWriter, r *http.Request) {
	since, _ := strconv.Atoi(r.URL.Query().Get("since"))
	f.mu.Lock()
	defer f.mu.Unlock()
	answer(w, map[string]any{"rev": len(f.log), "ops": append([]logged{}, f.log[min(since, len(f.log)):]...)})
}

func (f *fakeEditor) post(w http.ResponseWriter, r *http.Request) {
	var list []edit.Sent
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	results := []edit.Result{}
	for _, sent := range list {
		results = append(results, f.submit(sent, EditorPerson{Session: "me", User: f.Page.You.User, Name: f.Page.You.Name}, nil))
	}
	answer(w, map[string]any{"rev": 0, "results": results})
}

func (f *fakeEditor) publish(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	f.runs++
	run := EditorRun{ID: fmt.Sprintf("r%d", f.runs), State: "queued", Rev: int64(len(f.log))}
	f.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	answer(w, run)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// fakeMedia makes a waveform and a storyboard for a clip, as ingest does.
func fakeMedia(t *testing.T, clip, dir, name string, interval int) {
	t.Helper()
	pcm, err := exec.Command("ffmpeg", "-v", "error", "-i", clip, "-vn", "-ac", "1", "-ar", "8000", "-f", "s16le", "pipe:1").Output()
	if err == nil && len(pcm) > 0 {
		write(t, filepath.Join(dir, name+".peaks"), peaksOf(pcm))
	}
	sheet := filepath.Join(dir, name+".jpg")
	err = exec.Command("ffmpeg", "-v", "error", "-y", "-i", clip, "-vf", fmt.Sprintf("fps=1/%d,scale=160:90,tile=10x10", interval), "-frames:v", "1", sheet).Run()
	if err != nil {
		t.Logf("no storyboard of %s: %v", clip, err)
	}
}

// peaksOf writes CRPK from 8 kHz mono samples.
func peaksOf(pcm []byte) []byte {
	levels := []int{2560, 640, 160, 40, 10}
	samples := len(pcm) / 2
	out := append([]byte("CRPK"), 1, 0, 0, 0)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(levels)))
	offset := 12 + 12*len(levels)
	var data []byte
	for _, ms := range levels {
		step := ms * 8
		points := (samples + step - 1) / step
		out = binary.LittleEndian.AppendUint32(out, uint32(ms))
		out = binary.LittleEndian.AppendUint32(out, uint32(points))
		out = binary.LittleEndian.AppendUint32(out, uint32(offset+len(data)))
		for p := range points {
			low, high := int16(0), int16(0)
			for i := p * step; i < min((p+1)*step, samples); i++ {
				v := int16(binary.LittleEndian.Uint16(pcm[2*i:]))
				low, high = min(low, v), max(high, v)
			}
			data = append(data, byte(low>>8), byte(high>>8))
		}
	}
	return append(out, data...)
}
