package handlers

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// mediaPolicy lets a file that was opened by its address do nothing but show itself.
const mediaPolicy = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'self'; sandbox; frame-ancestors 'self'"

// media serves an asset's file, in parts where a player asks for parts. The rights are looked up at each request, for
// the person of the token or session, else for whom the link was made: a right that is taken away ends all at once.
func (s *Server) media(w http.ResponseWriter, r *http.Request) error {
	id := event.AssetID(r.PathValue("asset"))
	linked, err := s.readMediaLink(r, id)
	who := s.who(r)
	if err != nil && !who.SignedIn() {
		return err
	}
	if who, err = s.operatorLinked(r.Context(), who, linked); err != nil {
		return err
	}
	f, err := s.mediaFile(r.Context(), who, linked, id)
	if err != nil {
		return err
	}
	keep := r.URL.Query().Get("download") == "1"
	if keep && !f.Downloadable {
		return fault.Denied()
	}
	file, err := s.Files.Open(r.Context(), string(who.Tenant), f.Path)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			s.Log.ErrorContext(r.Context(), "a file is missing", "request", exchangeOf(r.Context()).id, "tenant", who.Tenant, "asset", id, "path", f.Path)
		}
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", mediaType(f.MimeType))
	h.Set("Content-Security-Policy", mediaPolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Etag", `"`+strings.TrimPrefix(f.Checksum, "sha256:")+`"`)
	if keep || !shownInline(f.MimeType) {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": plainName(r.PathValue("name"))}))
	}
	http.ServeContent(w, r, "", f.Modified, file)
	return nil
}

// operatorLinked is the operator whom a link names, where nobody signed in: they are not kept with the tenant's people.
func (s *Server) operatorLinked(ctx context.Context, who user.Who, linked string) (user.Who, error) {
	if who.SignedIn() || !strings.HasPrefix(linked, user.OperatorPrefix) {
		return who, nil
	}
	operator, err := s.Users.WhoByName(ctx, who.Tenant, linked)
	if fault.KindOf(err) == fault.NotFound {
		return who, fault.Gone()
	}
	return operator, err
}

// mediaFile finds the file for the person of the request; without one, for whom the link names.
func (s *Server) mediaFile(ctx context.Context, who user.Who, linked string, id event.AssetID) (f event.MediaFile, err error) {
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		if linked != "" && !who.Operator() && (!who.SignedIn() || who.User == linked) {
			who, err = user.WhoByNameTx(ctx, tx, who.Tenant, linked)
			if fault.KindOf(err) == fault.NotFound {
				return fault.Gone()
			}
			if err != nil {
				return err
			}
		}
		f, err = event.MediaFileTx(ctx, tx, who, id)
		return err
	})
	return f, err
}

// shownInline says what browsers may show in place; anything else, pages and scripts above all, is only to be kept.
func shownInline(mimeType string) bool {
	kind, _, _ := mime.ParseMediaType(mimeType)
	top, _, _ := strings.Cut(kind, "/")
	switch top {
	case "video", "audio":
		return true
	case "image":
		return kind != "image/svg+xml"
	}
	return kind == "text/vtt" || kind == "text/plain" || kind == "application/json"
}

// mediaType is the answer's Content-Type: texts are UTF-8 here.
func mediaType(mimeType string) string {
	if _, _, err := mime.ParseMediaType(mimeType); err != nil {
		return "application/octet-stream"
	}
	if strings.HasPrefix(mimeType, "text/") && !strings.Contains(mimeType, "charset") {
		return mimeType + "; charset=utf-8"
	}
	return mimeType
}

// plainName keeps of a name what every system can store.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, name)
	plain = strings.TrimLeft(plain, ".")
	if plain == "" {
		return "file"
	}
	return plain[:min(len(plain), 120)]
}
