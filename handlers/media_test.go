package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/event"
	"cutroom/internal/user"
)

const filmed = "0123456789 this is a film"

// film makes an event with a file of each kind: public, original (source, internal), made (internal), retired.
func (s *site) film(t *testing.T, acl ...string) event.ID {
	t.Helper()
	id := event.ID("film")
	_, sum, err := s.Files.Put(t.Context(), string(dbtest.Tenant), "film/file.mp4", strings.NewReader(filmed))
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, "insert into event (id, title, owner, created_by, duration, state) values ($1, 'Film', 'ben', 'ben', 5, 'ready')", id)
	for name, kinds := range map[string][2]bool{"public": {false, false}, "original": {true, true}, "made": {false, true}} {
		s.exec(t, `insert into asset (id, event_id, kind, flavor, mime_type, size, checksum, source, internal, path, duration, streams)
			values ($1, $2, 'track', 'presenter/delivery', 'video/mp4', $3, $4, $5, $6, 'film/file.mp4', 5, '[{"kind":"video"}]')`, name, id, len(filmed), sum, kinds[0], kinds[1])
	}
	s.exec(t, "insert into retired_asset (id, event_id, mime_type, size, checksum, path) values ('retired', $1, 'video/mp4', $2, $3, 'film/file.mp4')", id, len(filmed), sum)
	s.share(t, acl...)
	return id
}

// share sets the ACL: "ROLE action" each.
func (s *site) share(t *testing.T, acl ...string) {
	t.Helper()
	s.exec(t, "delete from event_acl where event_id = 'film'")
	for _, entry := range acl {
		role, action, _ := strings.Cut(entry, " ")
		s.exec(t, "insert into event_acl (event_id, role, action) values ('film', $1, $2)", role, action)
	}
}

func (s *site) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	err := s.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) whoNamed(t *testing.T, name string) user.Who {
	t.Helper()
	w, err := s.Users.WhoByName(t.Context(), dbtest.Tenant, name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (s *site) linkOf(t *testing.T, name, asset string) string {
	t.Helper()
	return s.mediaURL(s.whoNamed(t, name), event.Asset{ID: event.AssetID(asset), Flavor: "presenter/delivery", Path: "film/file.mp4"})
}

func TestWhoMayHaveWhichFile(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_USER_BEN read", "ROLE_USER_BEN write", "ROLE_USER_VERA read")
	may := map[string]map[string]bool{
		"ada":   {"public": true, "original": true, "made": true, "retired": true},
		"ben":   {"public": true, "original": true, "made": true, "retired": true},
		"vera":  {"public": true, "retired": true},
		"chloe": {},
	}
	check := func(when string, allowed func(name, asset string) bool) {
		t.Helper()
		for name := range may {
			token, b := "Authorization: Bearer "+s.token(t, name), s.signedIn(t, name)
			for _, asset := range []string{"public", "original", "made", "retired", "none"} {
				plain, link := "/media/"+asset+"/x.mp4", s.linkOf(t, name, asset)
				for how, got := range map[string]result{
					"token": s.call(t, nil, "GET", plain, "", token), "cookie": s.call(t, b, "GET", plain, ""),
					"link": s.call(t, nil, "GET", link, ""), "link and token": s.call(t, nil, "GET", link, "", token),
				} {
					want := 404
					if allowed(name, asset) {
						want = 200
					}
					if got.status != want || want == 200 && got.body != filmed {
						t.Errorf("%s: %s, %s, by %s: %d instead of %d", when, name, asset, how, got.status, want)
					}
				}
			}
		}
		for _, asset := range []string{"public", "original"} {
			if got := s.call(t, nil, "GET", "/media/"+asset+"/x.mp4", ""); got.status != 404 {
				t.Errorf("%s: nobody gets %s: %d", when, asset, got.status)
			}
		}
	}
	check("shared", func(name, asset string) bool { return may[name][asset] })
	s.exec(t, "delete from event_acl where role = 'ROLE_USER_VERA'")
	check("taken away", func(name, asset string) bool { return name != "vera" && may[name][asset] })
	s.exec(t, "update event set deleted_at = now(), deleted_by = 'ben'")
	check("in the bin", func(string, string) bool { return false })
}

func TestEverybodyMayHaveWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_ANONYMOUS read")
	plain := s.mediaURL(user.Anonymous(dbtest.Tenant), event.Asset{ID: "public", Flavor: "presenter/delivery", Path: "film/file.mp4"})
	if strings.Contains(plain, "?") || plain != "/media/public/presenter-delivery.mp4" {
		t.Errorf("the address: %s", plain)
	}
	for asset, want := range map[string]int{"public": 200, "retired": 200, "original": 404, "made": 404} {
		if got := s.call(t, nil, "GET", "/media/"+asset+"/x.mp4", ""); got.status != want {
			t.Errorf("%s: %d", asset, got.status)
		}
	}
	s.share(t, "ROLE_USER read")
	if got := s.call(t, nil, "GET", plain, ""); got.status != 404 {
		t.Errorf("for signed-in people only: %d", got.status)
	}
	if got := s.call(t, nil, "GET", s.linkOf(t, "chloe", "public"), ""); got.status != 200 {
		t.Errorf("one of them: %d", got.status)
	}
}

func TestBentLinksOpenNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_USER_BEN write", "ROLE_USER_VERA read")
	link := s.linkOf(t, "vera", "public")
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	bend := func(name, value string) string {
		q := u.Query()
		q.Set(name, value)
		return u.Path + "?" + q.Encode()
	}
	signature := u.Query().Get("s")
	old := time.Now().Add(-time.Hour).Unix()
	for what, address := range map[string]string{
		"another person": bend("u", "ben"), "another end": bend("e", fmt.Sprint(time.Now().Add(time.Hour).Unix())), "no end": bend("e", ""), "no signature": bend("s", ""),
		"half a signature": bend("s", signature[:20]), "a longer one": bend("s", signature+"A"), "a zero before the end": bend("e", "0"+u.Query().Get("e")),
		"another file": strings.Replace(link, "/public/", "/original/", 1), "without": u.Path,
		"too old":          u.Path + fmt.Sprintf("?u=vera&e=%d&s=%s", old, s.signMedia(dbtest.Tenant, "public", "vera", old)),
		"another tenant's": u.Path + "?u=vera&e=" + u.Query().Get("e") + "&s=" + s.signMedia("other", "public", "vera", time.Now().Add(time.Hour).Unix()),
	} {
		if got := s.call(t, nil, "GET", address, ""); got.status != 403 && got.status != 404 {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	if got := s.call(t, nil, "GET", link, ""); got.status != 200 {
		t.Errorf("the link as it is: %d", got.status)
	}
	chloe := "Authorization: Bearer " + s.token(t, "chloe")
	if got := s.call(t, nil, "GET", link, "", chloe); got.status != 404 {
		t.Errorf("somebody else with the link: %d", got.status)
	}
	if err := s.Users.Disable(t.Context(), s.admin, "vera"); err != nil {
		t.Fatal(err)
	}
	if got := s.call(t, nil, "GET", link, ""); got.status != 404 {
		t.Errorf("the link of a disabled person: %d", got.status)
	}
}

func TestPlayersGetParts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_USER_VERA read")
	link := s.linkOf(t, "vera", "public")
	whole := s.call(t, nil, "GET", link, "")
	h := whole.header
	if whole.status != 200 || h.Get("Etag") == "" || h.Get("Accept-Ranges") != "bytes" || h.Get("Content-Type") != "video/mp4" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Disposition") != "" {
		t.Errorf("%d %v", whole.status, h)
	}
	part := s.call(t, nil, "GET", link, "", "Range: bytes=3-6", "Accept-Encoding: gzip")
	if part.status != 206 || part.body != "3456" || part.header.Get("Content-Range") != fmt.Sprintf("bytes 3-6/%d", len(filmed)) {
		t.Errorf("%d %q %v", part.status, part.body, part.header)
	}
	if got := s.call(t, nil, "GET", link, "", "Range: bytes=3-6", `If-Range: "another"`); got.status != 200 {
		t.Errorf("a part of another version: %d", got.status)
	}
	if got := s.call(t, nil, "GET", link, "", "Range: bytes=999-"); got.status != 416 {
		t.Errorf("beyond the end: %d", got.status)
	}
	if got := s.call(t, nil, "GET", link, "", "If-None-Match: "+h.Get("Etag")); got.status != 304 {
		t.Errorf("the same again: %d", got.status)
	}
	head := s.call(t, nil, "HEAD", link, "")
	if head.status != 200 || head.header.Get("Content-Length") != fmt.Sprint(len(filmed)) || head.body != "" {
		t.Errorf("%d %v", head.status, head.header)
	}
	if got := s.call(t, nil, "POST", link, ""); got.status == 200 {
		t.Errorf("POST: %d", got.status)
	}
}

func TestKeepingAFile(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_USER_BEN write", "ROLE_USER_VERA read")
	keep := func(name string) result { return s.call(t, nil, "GET", s.linkOf(t, name, "public")+"&download=1", "") }
	if got := keep("ben"); got.status != 200 || got.header.Get("Content-Disposition") != "attachment; filename=presenter-delivery.mp4" {
		t.Errorf("who may write: %d %v", got.status, got.header)
	}
	if got := keep("vera"); got.status != 403 {
		t.Errorf("a reader: %d", got.status)
	}
	s.exec(t, `update event set extra_metadata = '{"ocx:downloadable": true}'`)
	if got := keep("vera"); got.status != 200 {
		t.Errorf("a reader of what may be kept: %d", got.status)
	}
}

func TestPagesAmongTheFilesAreNotRun(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_USER_BEN write")
	for kind, shown := range map[string]bool{"text/html": false, "image/svg+xml": false, "application/xhtml+xml": false, "application/pdf": false, "image/png": true, "text/vtt": true, "audio/mp4": true} {
		s.exec(t, "update asset set mime_type = $1 where id = 'public'", kind)
		h := s.call(t, nil, "GET", s.linkOf(t, "ben", "public"), "").header
		if inline := h.Get("Content-Disposition") == ""; inline != shown || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v", kind, h)
		}
	}
}

func TestLinksAreTheSameForAWhile(t *testing.T) {
	t.Parallel()
	s := setup(t)
	one, two := s.linkOf(t, "ben", "public"), s.linkOf(t, "ben", "public")
	u, _ := url.Parse(one)
	var e int64
	fmt.Sscan(u.Query().Get("e"), &e)
	if left := time.Until(time.Unix(e, 0)); left > mediaLinkLife || left < mediaLinkLife-mediaLinkRound-time.Minute {
		t.Errorf("it ends in %v", left)
	}
	if one != two && time.Now().Unix()%1800 > 5 {
		t.Errorf("%s is not %s", one, two)
	}
}

func TestAMissingFileIsA404AndInTheLog(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.film(t, "ROLE_USER_BEN write")
	if err := s.Files.Remove(t.Context(), string(dbtest.Tenant), "film/file.mp4"); err != nil {
		t.Fatal(err)
	}
	if got := s.call(t, nil, "GET", s.linkOf(t, "ben", "public"), ""); got.status != 404 || !strings.Contains(s.log.String(), "a file is missing") {
		t.Errorf("%d %s", got.status, s.log)
	}
}
