package handlers

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

func TestAPIEventLives(t *testing.T) {
	s := apiSetup(t)
	made := s.ben.post(eventsPath, `{"title":"A lecture","description":"One\n\nTwo","creators":["Ada L."],"language":"en-GB","startTime":"2026-11-22T10:00:00+01:00"}`).want(http.StatusCreated)
	path := made.header.Get("Location")
	got := s.ben.get(path).want(http.StatusOK)
	if !reflect.DeepEqual(made.json(), got.json()) || made.header.Get("ETag") == "" || made.header.Get("ETag") != got.header.Get("ETag") {
		t.Errorf("made %s, shown %s", made.body, got.body)
	}
	if got.text("startTime") != "2026-11-22T09:00:00Z" || got.text("owner") != "ben" || got.text("state") != "empty" {
		t.Errorf("shown %s", got.body)
	}
	for _, list := range []string{eventsPath, eventsPath + "?q=lect", eventsPath + "?filter=owner:ben&sort=title"} {
		if items := s.ben.get(list).items(); len(items) != 1 || !reflect.DeepEqual(items[0], got.json()) {
			t.Errorf("%s shows %v", list, items)
		}
	}
	s.vera.get(path).want(http.StatusNotFound).names()
	s.ben.post(path+"/duplicate", "").want(http.StatusCreated)
	s.ben.get(path + "/assets").items()
	s.ben.get(path + "/import-report").items()
	s.ben.call("DELETE", path, "").want(http.StatusNoContent)
	for method, at := range map[string]string{"GET": path, "PATCH": path, "DELETE": path, "PUT": path + "/acl"} {
		s.ben.call(method, at, map[string]string{"GET": "", "PATCH": `{"title":"x"}`, "DELETE": "", "PUT": "[]"}[method]).want(http.StatusNotFound).names()
	}
	if len(s.ben.get(eventsPath+"?bin=true").items()) != 1 {
		t.Error("not in the bin")
	}
	s.ben.post(path+"/restore", "").want(http.StatusOK)
	s.ben.call("DELETE", path+"?purge=true", "").want(http.StatusNoContent)
	s.ben.call("DELETE", path+"?purge=true", "").want(http.StatusNotFound)
}

func TestAPIRefusesWrongEvents(t *testing.T) {
	s := apiSetup(t)
	for body, fields := range map[string][]string{
		`{}`: {"/title"}, `{"title":null}`: {"/title"}, `{"title":7}`: {"/title"}, `{"title":" ","creators":["",1]}`: {"/title", "/creators/1"},
		`{"title":"x","series":"none"}`: {"/series"}, `{"title":"x","colour":"red","Title":"y"}`: {"/colour", "/Title"}, `{"title":"x","id":""}`: {"/id"}, `{"title":"x","id":"a/b"}`: {"/id"},
		`{"title":"x","title":"y"}`: {"/title"}, `{"title":"x","extraMetadata":{"a:b":{"c":1,"c":2}}}`: {"/extraMetadata/a:b/c"}, `{"title":"x","state":"ready"}`: {"/state"},
		`{"title":"x","extraMetadata":{"nocolon":1,"oc:x":1}}`: {"/extraMetadata/nocolon", "/extraMetadata/oc:x"}, `{"title":"x","acl":[{"role":"A"},1,{"role":"","action":"read","x":1}]}`: {"/acl/1", "/acl/2/x"},
		`{"title":"x","startTime":"2026-02-30T10:00:00Z","endTime":5}`: {"/startTime", "/endTime"},
	} {
		s.ben.post(eventsPath, body).want(http.StatusUnprocessableEntity).names(fields...)
	}
	for _, body := range []string{"", "{", "[]", `"x"`, "null", `{"title":"x"} trailing`, `{"title":`, "{\"title\":\"\xff\"}", `{"title":"\ud800"}`, strings.Repeat("[", 20000)} {
		s.ben.post(eventsPath, body).want(http.StatusBadRequest).names()
	}
	s.ben.post(eventsPath, `{"title":"a\u0000b"}`).want(http.StatusUnprocessableEntity).names("/title")
	s.ben.post(eventsPath, `{"title":"x"}`, "Content-Type", "text/plain").want(http.StatusUnsupportedMediaType).names()
	s.ben.post(eventsPath, `{"description":"`+strings.Repeat("d", maxBody)+`"}`).want(http.StatusRequestEntityTooLarge).names()
	s.vera.post(eventsPath, `{"title":"x"}`).want(http.StatusForbidden).names()
	s.who.post(eventsPath, `{"title":"x"}`).want(http.StatusUnauthorized).names()
	if items := s.ada.get(eventsPath).items(); len(items) != 0 {
		t.Errorf("left behind %v", items)
	}
}

func TestAPIRefusesWrongParametersAndRoutes(t *testing.T) {
	s := apiSetup(t)
	for query, field := range map[string]string{"cursor=rubbish": "/cursor", "limit=x": "/limit", "limit=-1": "/limit", "limit=0": "/limit", "limit=201": "/limit", "sort=owner": "/sort", "filter=x": "/filter", "series=x": "/series", "bin=maybe": "/bin"} {
		s.ben.get(eventsPath + "?" + query).want(http.StatusUnprocessableEntity).names(field)
	}
	s.ben.get("/api/v1/nothing").want(http.StatusNotFound).names()
	s.ben.get(eventsPath + "/a%00b").want(http.StatusNotFound).names()
	s.ben.get(eventsPath + "/a%2Fb").want(http.StatusNotFound).names()
	if got := s.ben.call("PUT", eventsPath, "{}").want(http.StatusMethodNotAllowed).names(); got.header.Get("Allow") != "GET, POST" {
		t.Errorf("allows %q", got.header.Get("Allow"))
	}
	s.who.get("/api/v1/me").want(http.StatusUnauthorized).names()
}

func TestAPIMergePatchAndETag(t *testing.T) {
	s := apiSetup(t)
	path := s.ben.event(`{"title":"One","description":"d","creators":["A"],"extraMetadata":{"a:b":1,"a:big":9223372036854775807}}`)
	first := s.ben.get(path)
	same := s.ben.patch(path, `{"title":"One","language":null,"extraMetadata":{}}`, "If-Match", first.header.Get("ETag")).want(http.StatusOK)
	if same.header.Get("ETag") != first.header.Get("ETag") {
		t.Error("no change changed it")
	}
	got := s.ben.patch(path, `{"title":"Two","description":null,"extraMetadata":{"a:b":null}}`).want(http.StatusOK)
	if got.text("title") != "Two" || got.text("description") != "" || !strings.Contains(string(got.body), "9223372036854775807") || strings.Contains(string(got.body), `"a:b"`) {
		t.Errorf("%s", got.body)
	}
	stale := s.ben.patch(path, `{"title":"Three"}`, "If-Match", first.header.Get("ETag")).want(http.StatusPreconditionFailed).names()
	if current, _ := stale.json()["current"].(map[string]any); current["title"] != "Two" || current["createdBy"] != "ben" {
		t.Errorf("current is %v", current)
	}
	s.ben.patch(path, `{"title":" ","language":"e","creators":[""]}`).want(http.StatusUnprocessableEntity).names("/title", "/language", "/creators/0")
	s.ben.patch(path, `{"id":"x","assets":[]}`).want(http.StatusUnprocessableEntity).names("/id", "/assets")
	s.vera.patch(path, `{"nonsense"`).want(http.StatusNotFound).names()
}

func TestAPIAccessLists(t *testing.T) {
	s := apiSetup(t)
	path := s.ben.event(`{"title":"Access"}`)
	own := `{"role":"ROLE_USER_BEN","action":"read"},{"role":"ROLE_USER_BEN","action":"write"}`
	s.ben.call("PUT", path+"/acl", "["+own+","+own+"]").want(http.StatusUnprocessableEntity).names("/2", "/3")
	s.ben.call("PUT", path+"/acl", `["x"]`).want(http.StatusUnprocessableEntity).names("/0")
	s.ben.call("PUT", path+"/acl", `null`).want(http.StatusUnprocessableEntity).names()
	s.ben.call("PUT", path+"/acl", `{}`).want(http.StatusUnprocessableEntity).names()
	s.ben.call("PUT", path+"/acl", `[{"role":"ROLE_USER_CHLOE","action":"write"}]`).want(http.StatusConflict).names()
	s.ben.patch(path, `{"acl":[]}`).want(http.StatusConflict).names("/acl")
	s.ben.post(eventsPath, `{"title":"x","acl":[]}`).want(http.StatusConflict).names("/acl")
	s.ben.call("PUT", path+"/acl", "["+own+`,{"role":"ROLE_USER","action":"read"}]`).want(http.StatusOK)
	s.vera.get(path).want(http.StatusOK)
	s.vera.patch(path, `{"title":"mine"}`).want(http.StatusForbidden).names()
	s.vera.call("PUT", path+"/acl", "["+own+"]").want(http.StatusForbidden).names()
	s.vera.call("DELETE", path, "").want(http.StatusForbidden).names()
	s.vera.post(path+"/duplicate", "").want(http.StatusForbidden).names()
	s.ben.call("PUT", path+"/acl?confirm=true", `[{"role":"ROLE_USER_CHLOE","action":"write"}]`).want(http.StatusOK)
	s.ben.get(path).want(http.StatusNotFound)
	s.chloe.patch(path, `{"title":"by chloe"}`).want(http.StatusOK)
}

func TestAPIPostsOnceForEachKey(t *testing.T) {
	s := apiSetup(t)
	one := s.ben.post(eventsPath, `{"title":"Once"}`, "Idempotency-Key", "k1").want(http.StatusCreated)
	two := s.ben.post(eventsPath, `{"title":"Once"}`, "Idempotency-Key", "k1").want(http.StatusCreated)
	if string(one.body) != string(two.body) || one.header.Get("Location") != two.header.Get("Location") || one.header.Get("ETag") != two.header.Get("ETag") {
		t.Errorf("%s, then %s", one.body, two.body)
	}
	s.ben.post(eventsPath, `{"title":"Other"}`, "Idempotency-Key", "k1").want(http.StatusUnprocessableEntity).names("/Idempotency-Key")
	s.ben.post(eventsPath, `{"title":"x"}`, "Idempotency-Key", strings.Repeat("k", 256)).want(http.StatusUnprocessableEntity).names("/Idempotency-Key")
	s.chloe.post(eventsPath, `{"title":"Hers"}`, "Idempotency-Key", "k1").want(http.StatusCreated)
	refused := s.ben.post(eventsPath, `{}`, "Idempotency-Key", "k2").want(http.StatusUnprocessableEntity)
	if again := s.ben.post(eventsPath, `{}`, "Idempotency-Key", "k2").want(http.StatusUnprocessableEntity).names("/title"); string(again.body) != string(refused.body) {
		t.Errorf("%s, then %s", refused.body, again.body)
	}
	var all sync.WaitGroup
	ids := make(chan string, 8)
	for range cap(ids) {
		all.Go(func() { ids <- s.ben.post(eventsPath, `{"title":"Together"}`, "Idempotency-Key", "k3").text("id") })
	}
	all.Wait()
	close(ids)
	seen := map[string]bool{}
	for id := range ids {
		seen[id] = true
	}
	if len(seen) != 1 || len(s.ben.get(eventsPath+"?q=together").items()) != 1 {
		t.Errorf("made %v", seen)
	}
}

func TestAPIPages(t *testing.T) {
	s := apiSetup(t)
	for range 5 {
		s.ben.event(`{"title":"Page"}`)
	}
	seen, next := map[any]bool{}, ""
	for {
		got := s.ben.get(eventsPath + "?limit=2&cursor=" + next)
		for _, e := range got.items() {
			seen[e["id"]] = true
		}
		if next = got.text("next"); next == "" {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("saw %d", len(seen))
	}
}

func TestAPIForgetsKeysAfterADay(t *testing.T) {
	s := apiSetup(t)
	first := s.ben.post(eventsPath, `{"title":"Once"}`, "Idempotency-Key", "old").want(http.StatusCreated)
	err := s.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "update idempotency set created = created - interval '25 hours'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.ben.post(eventsPath, `{"title":"Other"}`, "Idempotency-Key", "new").want(http.StatusCreated)
	err = s.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		var keys int
		if err := tx.QueryRow(t.Context(), "select count(*) from idempotency").Scan(&keys); err != nil || keys != 1 {
			t.Errorf("%d keys are kept, %v", keys, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if again := s.ben.post(eventsPath, `{"title":"Once"}`, "Idempotency-Key", "old").want(http.StatusCreated); again.text("id") == first.text("id") {
		t.Error("a key of yesterday still holds")
	}
}

func TestAPIGivesUpAKeyWhoseAnswerIsALaterOne(t *testing.T) {
	s := apiSetup(t)
	tries := 0
	flaky := s.before(s.withOnce(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries == 1 {
			s.problem(w, r, fault.New(fault.Unavailable, "error.busy", "Not now."))
			return
		}
		w.Header().Set("Location", "/there")
		w.WriteHeader(http.StatusCreated)
	})))
	post := func(length string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, uploadsPath, nil)
		r.Header.Set("Authorization", "Bearer "+s.ben.token)
		r.Header.Set("Idempotency-Key", "k")
		r.Header.Set("Upload-Length", length)
		w := httptest.NewRecorder()
		flaky.ServeHTTP(w, r)
		return w
	}
	for i, want := range []int{http.StatusServiceUnavailable, http.StatusCreated, http.StatusCreated} {
		if got := post("5"); got.Code != want || want == http.StatusCreated && got.Header().Get("Location") != "/there" {
			t.Errorf("try %d: %d %v", i, got.Code, got.Header())
		}
	}
	if tries != 2 {
		t.Errorf("done %d times", tries)
	}
	if got := post("6"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("another upload under the key: %d", got.Code)
	}
}
