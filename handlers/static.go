package handlers

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"cutroom/static"
)

// staticFiles serves what is embedded. Addresses with ?v= never change their content, so browsers keep those for good.
type staticFiles struct {
	files sync.Map // name to *staticFile
}

type staticFile struct {
	content, zipped []byte
	kind, tag       string
}

func newStaticFiles() *staticFiles { return &staticFiles{} }

// ServeHTTP answers GET and HEAD below /static.
func (s *staticFiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchangeOf(r.Context()).pattern = "GET /static/"
	f, err := s.load(strings.TrimPrefix(path.Clean(r.URL.Path), "/"))
	if err != nil {
		say(w, http.StatusNotFound, "There is nothing at this address.")
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Has("v") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Add("Vary", "Accept-Encoding")
	content := f.content
	h.Set("Etag", `"`+f.tag+`"`)
	if f.zipped != nil && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Etag", `"`+f.tag+`-gz"`)
		content = f.zipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func (s *staticFiles) load(name string) (*staticFile, error) {
	if f, ok := s.files.Load(name); ok {
		return f.(*staticFile), nil
	}
	content, err := fs.ReadFile(static.FS, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	f := &staticFile{content: content, kind: staticKind(name), tag: hex.EncodeToString(sum[:12])}
	if compressible(f.kind) && len(content) > 512 {
		f.zipped = zip(content)
	}
	s.files.Store(name, f)
	return f, nil
}

// staticKind is the type by the name's end; the machine's own table of types may lack some.
func staticKind(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "text/plain; charset=utf-8"
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(content)
	_ = z.Close()
	return b.Bytes()
}
