package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Media links live for up to mediaLinkLife; their ends are rounded, so that a page that is drawn again has the same
// links and browsers use what they have.
const (
	mediaLinkLife  = 6 * time.Hour
	mediaLinkRound = 30 * time.Minute
)

// mediaURL is the address of an asset's file for a person: signed, so that players without cookies can use it. It gives
// nobody a right. Who is not signed in gets the plain address, which works where everybody may read.
func (s *Server) mediaURL(who user.Who, a event.Asset) string {
	address := "/media/" + url.PathEscape(string(a.ID)) + "/" + mediaName(a)
	if !who.SignedIn() {
		return address
	}
	expires := time.Now().Add(mediaLinkLife).Truncate(mediaLinkRound).Unix()
	q := url.Values{"u": {who.User}, "e": {strconv.FormatInt(expires, 10)}, "s": {s.signMedia(who.Tenant, a.ID, who.User, expires)}}
	return address + "?" + q.Encode()
}

// mediaName is the file's name in its address: flavor and the usual ending of its type.
func mediaName(a event.Asset) string {
	ending := strings.ToLower(path.Ext(a.Path))
	if ending == "" || len(ending) > 6 {
		ending = ""
		if known, err := mime.ExtensionsByType(a.MimeType); err == nil && len(known) > 0 {
			ending = known[0]
		}
	}
	return plainName(strings.ReplaceAll(a.Flavor, "/", "-") + ending)
}

// signMedia binds a link to tenant, asset, person and end (unix seconds). None of them holds a line break.
func (s *Server) signMedia(t tenant.ID, id event.AssetID, name string, expires int64) string {
	mac := hmac.New(sha256.New, s.mediaKey)
	mac.Write([]byte(string(t) + "\n" + string(id) + "\n" + name + "\n" + strconv.FormatInt(expires, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// readMediaLink gives whom a link names; "" without signature. A bent or old one is a fault Forbidden.
func (s *Server) readMediaLink(r *http.Request, id event.AssetID) (string, error) {
	q := r.URL.Query()
	if !q.Has("s") {
		return "", nil
	}
	expires, err := strconv.ParseInt(q.Get("e"), 10, 64)
	want := s.signMedia(s.tenant(r).ID, id, q.Get("u"), expires)
	if err != nil || strconv.FormatInt(expires, 10) != q.Get("e") || !hmac.Equal([]byte(want), []byte(q.Get("s"))) {
		return "", fault.New(fault.Forbidden, "error.media-link", "This link is not one of ours.")
	}
	if time.Now().Unix() >= expires {
		return "", fault.New(fault.Forbidden, "error.media-link-old", "This link has ended. Load the page again.")
	}
	return q.Get("u"), nil
}
