package handlers

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"cutroom/internal/event"
)

// probe is one request that tries to get at what another house has.
type probe struct {
	path   string
	body   string
	header http.Header
	ok     []int  // what it may be answered beside 401, 403 and 404 in one's own house
	open   []int  // what strangers may be answered beside those: the route is for everybody
	at     string // "mine" or "theirs": the only house where it is tried; there it gets nothing, in the other it may be right
	byPath bool   // the path names the house, not the host: who is of the other house may
	once   bool   // is not tried again with the id that both houses have
}

// listed is the answer of lists: what one has oneself.
var listed = []int{http.StatusOK}

func form(pairs ...string) probe {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return probe{body: q.Encode(), header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

func jsonBody(body string) probe {
	return probe{body: body, header: http.Header{"Content-Type": {"application/json"}}}
}

func merge(body string) probe {
	return probe{body: body, header: http.Header{"Content-Type": {mergePatch}}}
}

func (p probe) to(path string, ok ...int) probe { p.path, p.ok = path, ok; return p }

func get(path string, ok ...int) probe { return probe{path: path, ok: ok} }

// tus is a request of that protocol; pairs go into Upload-Metadata.
func tus(path, body string, pairs ...string) probe {
	var meta []string
	for i := 0; i+1 < len(pairs); i += 2 {
		meta = append(meta, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	h := http.Header{"Tus-Resumable": {"1.0.0"}, "Content-Type": {"application/offset+octet-stream"}, "Upload-Offset": {"5"}, "Upload-Length": {"9"}}
	if meta != nil {
		h["Upload-Metadata"] = []string{strings.Join(meta, ",")}
	}
	return probe{path: path, body: body, header: h}
}

// probes are those of each route, by its pattern, against them. A route without one fails the test.
func (w *world) probes(me, them *house) map[string][]probe {
	o, mine := them.own(), me.own()
	all := map[string][]probe{}
	for _, more := range []map[string][]probe{w.pageProbes(o, mine, me, them), w.apiProbes(o, mine), w.accessProbes(o), w.moreProbes(o, me, them), w.ltiProbes(o, me, them), w.accountProbes(them), w.institutionProbes(o), w.platformsProbes(o)} {
		for pattern, list := range more {
			all[pattern] = append(all[pattern], list...)
		}
	}
	return all
}

func (w *world) pageProbes(o, mine string, me, them *house) map[string][]probe {
	lists := []string{"?q=lecture", "?series=" + o, "?filter=processing", "?sort=title"}
	acl := form("role", "ROLE_USER", "may", "edit", "confirm", "yes")
	seeOther, told := http.StatusSeeOther, http.StatusUnprocessableEntity
	expires := time.Now().Add(time.Hour).Unix()
	signed := func(h *house, id string) string { return w.mediaURL(h.ada(), asset(id)) }
	forged := func(h *house, id string) string {
		return "/media/" + id + "/x.mp4?u=ada&e=" + strconv.FormatInt(expires, 10) + "&s=" + w.signMedia(h.id, event.AssetID(id), "ada", expires)
	}
	m := map[string][]probe{
		"GET /events/{id}":            {get("/events/" + o), get("/events/bin-" + o)},
		"GET /events/{id}/edit":       {get("/events/" + o + "/edit")},
		"GET /events/{id}/watch":      {get("/events/" + o + "/watch"), get("/events/" + o + "/watch?edit=1")},
		"POST /events/{id}/metadata":  {form("field", "title", "value", "x").to("/events/" + o + "/metadata"), form("field", "series", "value", o).to("/events/"+mine+"/metadata", told), form("field", "title", "value", "x", "was", "y").to("/events/" + o + "/metadata")},
		"POST /events/{id}/acl":       {acl.to("/events/" + o + "/acl")},
		"POST /events/{id}/publish":   {form("x", "").to("/events/" + o + "/publish")},
		"POST /events/{id}/duplicate": {form("x", "").to("/events/" + o + "/duplicate")},
		"POST /events/{id}/delete":    {form("x", "").to("/events/" + o + "/delete")},
		"GET /series":                 {get("/series", listed...), get("/series?q=series", listed...)},
		"POST /series":                {form("title", o).to("/series", seeOther)},
		"GET /series/{id}":            {get("/series/" + o)},
		"POST /series/{id}/metadata":  {form("field", "title", "value", "x").to("/series/" + o + "/metadata")},
		"POST /series/{id}/acl":       {acl.to("/series/" + o + "/acl")},
		"POST /series/{id}/delete":    {form("x", "").to("/series/" + o + "/delete")},
		"GET /runs/{id}":              {get("/runs/done-" + o), get("/runs/failed-" + o + "?log=all"), get("/runs/queued-" + o)},
		"GET /runs/{id}/progress":     {get("/runs/done-" + o + "/progress")},
		"POST /runs/{id}/cancel":      {form("x", "").to("/runs/queued-" + o + "/cancel")},
		"POST /runs/{id}/retry":       {form("x", "").to("/runs/failed-" + o + "/retry")},
		"POST /jobs/bulk": {form("run", "queued-"+o, "do", "cancel").to("/jobs/bulk", seeOther), form("run", "failed-"+o, "do", "retry").to("/jobs/bulk", seeOther),
			form("all", "yes", "do", "cancel", "q", "lecture").to("/jobs/bulk", seeOther), form("all", "yes", "do", "retry").to("/jobs/bulk", seeOther)},
		"POST /jobs/pause":         {form("pause", "yes").to("/jobs/pause", seeOther)},
		"GET /nodes":               {get("/nodes", listed...)},
		"POST /nodes/{name}/drain": {form("x", "").to("/nodes/n2/drain")},
		"GET /settings":            {get("/settings", listed...)},
		"POST /settings":           {form("edit.runs", "supersede", "bin.days", "5").to("/settings", seeOther)},
		"GET /sign-in":             {{path: "/sign-in?next=/events/" + o, ok: []int{seeOther}, open: listed}},
		"POST /sign-in":            {{path: "/sign-in", body: form("name", "ada", "password", password).body, header: form().header, ok: []int{seeOther, http.StatusTooManyRequests}, open: []int{seeOther, http.StatusTooManyRequests}}, everybody(form("name", o, "password", password).to("/sign-in"), http.StatusTooManyRequests)},
		"POST /sign-out":           {everybody(form("x", "").to("/sign-out"), seeOther)},
		"POST /language":           {everybody(form("lang", "de").to("/language"), seeOther)},
		"GET /sign-in/link":        {{path: "/sign-in/link?token=" + them.link, at: "mine"}, {path: "/sign-in/link?token=" + me.link, at: "theirs"}},
		"POST /sign-in/link":       {at("mine", form("token", them.link).to("/sign-in/link")), at("theirs", form("token", me.link).to("/sign-in/link"))},
		"GET /media/{asset}/{name}": {get("/media/pub-" + o + "/x.mp4"), get("/media/src-" + o + "/x.mp4"), get("/media/old-" + o + "/x.mp4?download=1"), get("/media/sub-" + o + "/x.vtt"),
			get("/media/pub-" + o + "%2f..%2fpub-" + mine + "/x.mp4"), at("mine", get(signed(them, "pub-"+o))), at("mine", get(signed(them, "pub-shared"), listed...)), at("theirs", get(signed(me, "pub-shared"))),
			at("theirs", get(signed(me, "pub-"+mine))), at("mine", get(forged(me, "pub-"+o))), at("theirs", get(forged(me, "pub-"+o)))},
		"GET /metrics":  {{path: "/metrics", ok: listed, open: listed}},
		"GET /api/docs": {{path: "/api/docs", ok: listed, open: listed}},
	}
	for _, page := range []string{"GET /{$}", "GET /events", "GET /events/list", "GET /jobs", "GET /jobs/list"} {
		path := strings.TrimSuffix(strings.TrimPrefix(page, "GET "), "{$}")
		m[page] = append(m[page], get(path, listed...))
		for _, q := range lists {
			m[page] = append(m[page], get(path+q, listed...))
		}
	}
	m["GET /jobs/list"] = append(m["GET /jobs/list"], get("/jobs/list?kind=ingest&q=lecture", listed...))
	return m
}

// everybody makes a probe that all may be answered with a status.
func everybody(p probe, status int) probe {
	p.ok, p.open = []int{status}, []int{status}
	return p
}

func at(place string, p probe) probe {
	p.at, p.once = place, true
	return p
}

func asset(id string) event.Asset {
	return event.Asset{ID: event.AssetID(id), Flavor: "presenter/delivery", MimeType: "video/mp4", Path: "x.mp4"}
}

func (w *world) apiProbes(o, mine string) map[string][]probe {
	one, s, created, wrong := eventsPath+"/"+o, seriesPath+"/"+o, http.StatusCreated, http.StatusUnprocessableEntity
	const overridden = http.StatusMethodNotAllowed // by a header that tus knows, see lies
	keyed := func(p probe) probe { p.header = p.header.Clone(); p.header.Set("Idempotency-Key", "key"); return p }
	acl, ops := jsonBody(`[{"role":"ROLE_USER","action":"write"}]`), jsonBody(`[{"id":"x","base":0,"op":{"kind":"split","at":1500}}]`)
	return map[string][]probe{
		"GET /api/v1/events": {get(eventsPath, listed...), get(eventsPath+"?q=lecture", listed...), get(eventsPath+"?filter=series:"+o, listed...), get(eventsPath+"?filter=owner:ada&sort=title", listed...), get(eventsPath+"?bin=true", listed...)},
		"POST /api/v1/events": {jsonBody(`{"title":"x","series":"`+o+`"}`).to(eventsPath, wrong), jsonBody(`{"title":"x","owner":"`+o+`"}`).to(eventsPath, wrong), jsonBody(`{"title":"x","id":"new-`+o+`"}`).to(eventsPath, created, http.StatusConflict),
			keyed(jsonBody(`{"title":"x"}`).to(eventsPath, wrong, created))},
		"GET /api/v1/events/{id}":                          {get(one), get(eventsPath + "/bin-" + o)},
		"PATCH /api/v1/events/{id}":                        {merge(`{"title":"x"}`).to(one), merge(`{"series":"`+o+`"}`).to(eventsPath+"/"+mine, wrong), merge(`{"owner":"`+o+`"}`).to(eventsPath+"/"+mine, wrong)},
		"DELETE /api/v1/events/{id}":                       {get(one), get(one + "?purge=true"), get(eventsPath + "/bin-" + o + "?purge=true")},
		"GET /api/v1/events/{id}/acl":                      {get(one + "/acl")},
		"PUT /api/v1/events/{id}/acl":                      {acl.to(one + "/acl"), acl.to(one + "/acl?confirm=true")},
		"GET /api/v1/events/{id}/assets":                   {get(one + "/assets")},
		"POST /api/v1/events/{id}/assets":                  {{path: one + "/assets", body: "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.vtt\"\r\n\r\nWEBVTT\n\n00:00.000 --> 00:01.000\nx\r\n--b--\r\n", header: http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}}},
		"POST /api/v1/events/{id}/duplicate":               {get(one + "/duplicate")},
		"POST /api/v1/events/{id}/restore":                 {get(eventsPath + "/bin-" + o + "/restore")},
		"GET /api/v1/events/{id}/import-report":            {get(one + "/import-report")},
		"GET /api/v1/events/{id}/edit":                     {get(one + "/edit")},
		"GET /api/v1/events/{id}/edit/ops":                 {get(one + "/edit/ops?since=0")},
		"POST /api/v1/events/{id}/edit/ops":                {ops.to(one + "/edit/ops")},
		"GET /api/v1/events/{id}/edit/revs/{rev}":          {get(one + "/edit/revs/1")},
		"POST /api/v1/events/{id}/edit/revs/{rev}/restore": {get(one + "/edit/revs/1/restore")},
		"GET /api/v1/events/{id}/editors":                  {get(one + "/editors")},
		"GET /api/v1/events/{id}/live": {get(one+"/live", http.StatusBadRequest), get(one + "/live?since=1"), {path: one + "/live", once: true, header: http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}, "Sec-Websocket-Protocol": {subprotocol}}}},
		"POST /api/v1/events/{id}/runs":    {jsonBody(`{"workflow":"publish"}`).to(one + "/runs"), keyed(jsonBody(`{"workflow":"publish","rev":1}`).to(one+"/runs", wrong))},
		"GET /api/v1/runs":                 {get(runsPath, listed...), get(runsPath+"?event="+o, listed...), get(runsPath+"?state=queued", listed...)},
		"GET /api/v1/runs/{id}":            {get(runsPath + "/done-" + o), get(runsPath + "/queued-" + o)},
		"POST /api/v1/runs/{id}/cancel":    {get(runsPath + "/queued-" + o + "/cancel")},
		"POST /api/v1/runs/{id}/retry":     {get(runsPath + "/failed-" + o + "/retry")},
		"GET /api/v1/search":               {get("/api/v1/search?q=lecture", listed...), get("/api/v1/search?q=mk", listed...), get("/api/v1/search?q=lecture&filter=series:"+o, listed...)},
		"GET /api/v1/series":               {get(seriesPath, listed...), get(seriesPath+"?q=series", listed...)},
		"POST /api/v1/series":              {jsonBody(`{"title":"x","id":"new-`+o+`"}`).to(seriesPath, created, http.StatusConflict), keyed(jsonBody(`{"title":"x"}`).to(seriesPath, wrong))},
		"GET /api/v1/series/{id}":          {get(s)},
		"PATCH /api/v1/series/{id}":        {merge(`{"title":"x"}`).to(s)},
		"DELETE /api/v1/series/{id}":       {get(s)},
		"GET /api/v1/series/{id}/events":   {get(s+"/events", listed...)},
		"GET /api/v1/settings":             {get("/api/v1/settings", listed...)},
		"PATCH /api/v1/settings":           {merge(`{"bin.days":6,"edit.runs":"replace"}`).to("/api/v1/settings", listed...)},
		"GET /api/v1/nodes":                {get("/api/v1/nodes", listed...)},
		"GET /api/v1/audit":                {get("/api/v1/audit", listed...), get("/api/v1/audit?actor=ada", listed...)},
		"GET /api/v1/me":                   {get("/api/v1/me", listed...)},
		"GET /api/openapi.json":            {{path: "/api/openapi.json", ok: listed, open: listed}},
		"POST " + uploadsPath:              {ok(tus(uploadsPath, "", "filename", "x.mp4", "event", o), overridden), ok(tus(uploadsPath, "", "filename", "x.mp4", "series", o), wrong, overridden), ok(keyed(tus(uploadsPath, "", "filename", "x.mp4", "id", "up-new-"+o)), created, wrong, http.StatusConflict, overridden)},
		"PATCH " + uploadsPath + "/{id}":   {tus(uploadsPath+"/up-"+o, "x")},
		"HEAD " + uploadsPath + "/{id}":    {tus(uploadsPath+"/up-"+o, "")},
		"DELETE " + uploadsPath + "/{id}":  {tus(uploadsPath+"/up-"+o, "")},
		"OPTIONS " + uploadsPath:           {{path: uploadsPath, ok: listed, open: append(listed, http.StatusNoContent)}},
		"OPTIONS " + uploadsPath + "/{id}": {{path: uploadsPath + "/up-" + o, ok: listed, open: append(listed, http.StatusNoContent)}},
	}
}

func ok(p probe, statuses ...int) probe { p.ok = statuses; return p }

// patterns are all routes that the server has, from the tables that make them.
func (w *world) patterns(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, r := range w.table() {
		all = append(all, r.pattern)
	}
	a := w.newAPI()
	a.operations()
	for path, item := range a.OpenAPI().Paths {
		for method, op := range map[string]any{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete, "HEAD": item.Head, "OPTIONS": item.Options, "TRACE": item.Trace} {
			if fmt.Sprintf("%p", op) != "%!p(<nil>)" && fmt.Sprintf("%p", op) != "0x0" {
				all = append(all, method+" "+path)
			}
		}
	}
	mounts, err := w.mounts()
	if err != nil {
		t.Fatal(err)
	}
	for pattern := range mounts {
		more, known := mounted(w, pattern)
		if !known {
			t.Errorf("the mount %s has routes that this test does not know", pattern)
		}
		all = append(all, more...)
	}
	sort.Strings(all)
	all = slices.Compact(all)
	// What deletes comes last: the others shall find something.
	sort.SliceStable(all, func(i, j int) bool { return !deletes(all[i]) && deletes(all[j]) })
	return all
}

func deletes(pattern string) bool {
	return strings.HasPrefix(pattern, "DELETE ") || strings.HasSuffix(pattern, "/delete") || strings.HasSuffix(pattern, "/sign-out")
}

// guise is how somebody comes.
type guise struct {
	name    string
	host    string
	header  http.Header
	insider bool // one of the house that the host names
	mine    bool // the host is the asker's own
	theirs  bool // comes with what the other house gave out
}

// lies are headers by which a request could claim to be for another house.
func lies(h *house, more ...string) http.Header {
	all := http.Header{"X-Okapi-Tenant": {string(h.id)}, "X-Okapi-Url": {"http://" + h.host}, "X-Forwarded-Host": {h.host}, "Forwarded": {"host=" + h.host}, "X-Original-Host": {h.host}, "X-Tenant": {string(h.id)},
		"X-Original-Url": {"/events/" + h.own()}, "X-Rewrite-Url": {"/events/" + h.own()}, "X-Http-Method-Override": {"DELETE"}, "X-Okapi-User-Id": {"ada"}}
	for i := 0; i+1 < len(more); i += 2 {
		all[more[i]] = []string{more[i+1]}
	}
	return all
}

// guises are all ways in which somebody of my house comes to what they have, and somebody of theirs to mine.
func (w *world) guises(t *testing.T, me, them *house) []guise {
	t.Helper()
	token, theirs := "Bearer "+me.token, "Bearer "+them.token
	all := []guise{
		{name: "token", host: me.host, header: http.Header{"Authorization": {token}}, insider: true},
		{name: "session", host: me.host, header: http.Header{"Cookie": {w.cookie(t, me)}}, insider: true},
		{name: "token with lies", host: me.host, header: lies(them, "Authorization", token, "Cookie", w.cookie(t, them)), insider: true},
		{name: "session with lies", host: me.host, header: lies(them, "Cookie", w.cookie(t, me)), insider: true},
		{name: "token next door with lies", host: them.host, header: lies(me, "Authorization", token)},
		{name: "session next door with lies", host: them.host, header: lies(me, "Cookie", w.cookie(t, me))},
		{name: "their token here", host: me.host, header: http.Header{"Authorization": {theirs}}, theirs: true},
		{name: "their session here", host: me.host, header: lies(them, "Cookie", w.cookie(t, them)), theirs: true},
		{name: "nobody next door", host: them.host, header: lies(them)},
	}
	for i := range all {
		all[i].mine = all[i].host == me.host
	}
	for _, host := range []string{"localhost:8080", string(them.id) + ".localhost.evil.test:8080", "_operators.localhost:8080"} {
		all = append(all, guise{name: "token at " + host, host: host, header: lies(them, "Authorization", token, "Cookie", w.cookie(t, me))})
	}
	return all
}

// try makes one request and holds the answer against what may be told.
func (w *world) try(t *testing.T, g guise, pattern string, p probe, me, them *house, anyStatus bool) (status int) {
	t.Helper()
	if p.at == "mine" && !g.mine || p.at == "theirs" && g.host != them.host || p.byPath && g.theirs {
		return 0
	}
	method, _, _ := strings.Cut(pattern, " ")
	header := g.header.Clone()
	for name, values := range p.header {
		header[name] = values
	}
	status, text := w.ask(t, g.host, method, p.path, p.body, header)
	what := fmt.Sprintf("%s: %s %s %.200s", g.name, method, p.path, p.body)
	may := append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, p.ok...)
	if !g.insider {
		may = append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, p.open...)
		if w.toSignInPage(status, text) {
			may = append(may, http.StatusSeeOther)
		}
	}
	if anyStatus && status < 500 {
		may = append(may, status)
	}
	if !slices.Contains(may, status) {
		t.Errorf("%s: answered %d: …%s", what, status, text[max(0, len(text)-300):])
	}
	asked := p.path + p.body
	if p.header != nil {
		asked += decoded(p.header.Get("Upload-Metadata"))
	}
	asked += header.Get("X-Original-Url")
	if them.leaks(text, asked) || !g.insider && me.leaks(text, asked) {
		t.Errorf("%s: told: %.1500s", what, text)
	}
	if g.mine && strings.Contains(text, them.name) {
		t.Errorf("%s: told the other house's name: %.600s", what, text)
	}
	return status
}

func decoded(metadata string) string {
	var all string
	for _, part := range strings.FieldsFunc(metadata, func(r rune) bool { return r == ' ' || r == ',' }) {
		text, _ := base64.StdEncoding.DecodeString(part)
		all += string(text)
	}
	return all
}

func (w *world) toSignInPage(status int, text string) bool {
	return status == http.StatusSeeOther && strings.Contains(text, "/sign-in")
}

// Whatever one house asks for by what the other has, over any route and in any guise: it gets nothing of it, and changes
// nothing there. Both houses have people of the same names with the same passwords, and things of the same ids.
func TestIsolationOfEveryRoute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, me := range []*house{w.alpha, w.beta} {
		them := w.other(me)
		probes, guises := w.probes(me, them), w.guises(t, me, them)
		patterns := w.patterns(t)
		was := w.state(t, them)
		for _, pattern := range patterns {
			if len(probes[pattern]) == 0 {
				t.Errorf("the route %q has no case: add probes to isolation_routes_test.go", pattern)
			}
			reached, tried := false, false
			for n, p := range probes[pattern] {
				for i, g := range guises {
					if i == 1 || i == 2 || n == 0 || p.at != "" { // strangers are refused before the rest of the path counts
						w.try(t, g, pattern, p, me, them, false)
					}
				}
				if strings.Contains(p.path+p.body, them.own()) && !p.once {
					same := p
					same.path, same.body = strings.ReplaceAll(p.path, them.own(), "shared"), strings.ReplaceAll(p.body, them.own(), "shared")
					for _, g := range guises[1:3] {
						tried = true
						switch w.try(t, g, pattern, same, me, them, true) {
						case http.StatusBadRequest:
							// Who may, hears that it is a socket's address, or that the length was said before.
							reached = reached || pattern == "GET /api/v1/events/{id}/live" || pattern == "PATCH "+uploadsPath+"/{id}"
						case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
						default:
							reached = true
						}
					}
				}
			}
			if tried && !reached && !deletes(pattern) {
				t.Errorf("the probes of %q find nothing in one's own house either: they prove nothing", pattern)
			}
			w.unchanged(t, them, was, pattern)
			if strings.Contains(pattern, "/sign-") || strings.Contains(pattern, "/account/sessions/") {
				guises = w.guises(t, me, them)
			}
			if t.Failed() {
				was = w.state(t, them)
			}
			delete(probes, pattern)
		}
		for pattern := range probes {
			t.Errorf("there is no route %q", pattern)
		}
	}
}
