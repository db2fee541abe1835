package handlers

import (
	"compress/gzip"
	"mime"
	"net/http"
	"strings"
	"sync"
)

var gzipWriters = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, 5); return w }}

// withGzip compresses texts on their way out. Media, ranges, sockets and what is compressed already pass untouched.
func (s *Server) withGzip(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !takesGzip(r) || r.Header.Get("Upgrade") != "" || r.Method == http.MethodHead || strings.HasPrefix(r.URL.Path, "/media/") {
			next.ServeHTTP(w, r)
			return
		}
		z := &gzipped{ResponseWriter: w}
		defer z.close()
		next.ServeHTTP(z, r)
	})
}

// takesGzip reads Accept-Encoding; "gzip;q=0" is a no.
func takesGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.000") && q != "q=0.0" && q != "q=0.00"
		}
	}
	return false
}

// gzipped decides at the first byte whether to compress.
type gzipped struct {
	http.ResponseWriter
	writer  *gzip.Writer // nil: pass on
	decided bool
}

// WriteHeader decides by what the handler has set.
func (z *gzipped) WriteHeader(status int) {
	if status >= 200 && !z.decided {
		z.decide(status)
	}
	z.ResponseWriter.WriteHeader(status)
}

func (z *gzipped) decide(status int) {
	z.decided = true
	h := z.Header()
	if !compressible(h.Get("Content-Type")) || h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" {
		return
	}
	h.Add("Vary", "Accept-Encoding")
	if status == http.StatusNoContent || status == http.StatusNotModified || status == http.StatusPartialContent {
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	z.writer = gzipWriters.Get().(*gzip.Writer)
	z.writer.Reset(z.ResponseWriter)
}

func compressible(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "text/html", "text/css", "text/javascript", "text/plain", "text/vtt", "image/svg+xml", "application/xml", "text/xml":
		return true
	}
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// Write compresses, or passes on.
func (z *gzipped) Write(b []byte) (int, error) {
	if !z.decided {
		if z.Header().Get("Content-Type") == "" {
			z.Header().Set("Content-Type", http.DetectContentType(b))
		}
		z.WriteHeader(http.StatusOK)
	}
	if z.writer == nil {
		return z.ResponseWriter.Write(b)
	}
	return z.writer.Write(b)
}

// FlushError sends what there is.
func (z *gzipped) FlushError() error {
	if z.writer != nil {
		if err := z.writer.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(z.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController set deadlines.
func (z *gzipped) Unwrap() http.ResponseWriter { return z.ResponseWriter }

func (z *gzipped) close() {
	if z.writer == nil {
		return
	}
	_ = z.writer.Close()
	z.writer.Reset(nil)
	gzipWriters.Put(z.writer)
}
