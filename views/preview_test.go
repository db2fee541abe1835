package views

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sort"
	"testing"

	"github.com/a-h/templ"

	"cutroom/static"
)

// samples are all pages as they look with rich data, and in the states worth a look.
func samples() map[string]templ.Component {
	emptyPage := RecordingsPage{Page: samplePage(), MayUpload: true, List: RecordingList{Base: "/"}}
	notFound := RecordingsPage{Page: samplePage(), MayUpload: true, Counts: RecordingCounts{All: 10_000}, List: RecordingList{Base: "/", Query: "hamster"}}
	found := sampleRecordings()
	found.List.Query, found.Counts.All = "shear", 10_432
	found.List.Rows[0].Moments = []Moment{{At: 1_128_000, Text: []Piece{{"This one is called a ", false}, {"shear", true}, {", it moves along a line.", false}}}}
	one := samplePicker()
	one.Several, one.Picked, one.Places = false, nil, false
	pickEmpty := PickerPage{Page: framedPage(), Launch: "L1", Course: "Linear Algebra I", Platform: "Nordfjord Moodle", Takes: true, MayUpload: true, List: RecordingList{Base: PickerPath, Launch: "L1"}}
	noLinks := PickerPage{Page: framedPage(), Launch: "L1", Platform: "Nordfjord Moodle"}
	reader := sampleEvent()
	reader.Row.MayEdit, reader.Details.MayEdit, reader.ACL.MayEdit, reader.Originals = false, false, false, nil
	conflict := sampleEvent()
	conflict.Details.Outcome = FieldOutcome{Field: "title", State: "conflict", By: "Jonas", Was: "Lecture 5: Eigenvalues", Value: "Lecture 5: Mine"}
	unpublished := sampleWatch()
	unpublished.Published = false
	jobsEmpty := JobsPage{Page: samplePage()}
	failed := SignInPage{Page: Page{Host: "Nordfjord University"}, Name: "a.osei", Failed: true}
	framed := samplePage()
	framed.Framed, framed.CourseURL = true, "https://lms.example/course/1"
	return map[string]templ.Component{
		"recordings": Recordings(sampleRecordings()), "recordings-empty": Recordings(emptyPage), "recordings-not-found": Recordings(notFound), "recordings-found": Recordings(found),
		"picker": Picker(samplePicker()), "picker-one": Picker(one), "picker-empty": Picker(pickEmpty), "picker-no-links": Picker(noLinks),
		"event": Event(sampleEvent()), "event-reader": Event(reader), "event-conflict": Event(conflict), "series-list": SeriesList(sampleSeriesList()),
		"acl-choose": Event(sampleACL("choose")), "acl-unknown": Event(sampleACL("unknown")), "acl-error": Event(sampleACL("error")), "acl-many": Event(sampleACLMany()),
		"audit": Audit(sampleAudit(nil)), "audit-wrong": Audit(sampleAudit(map[string]string{"until": "This day lies before the first one."})), "audit-none": Audit(AuditPage{Page: samplePage()}),
		"series": Series(sampleSeries()), "run": Run(sampleRun()), "run-failed": Run(sampleRunFailed()), "run-queued": Run(sampleRunQueued()), "jobs": Jobs(sampleJobs()), "jobs-empty": Jobs(jobsEmpty),
		"watch": Watch(sampleWatch()), "watch-not-yet": Watch(unpublished), "nodes": Nodes(sampleNodes()), "settings": Settings(sampleSettings()), "sign-in": SignIn(failed),
		"sign-in-blocked": SignIn(SignInPage{Page: Page{Host: "Nordfjord University"}, Blocked: true, Window: "/sign-in"}), "sign-in-link": SignInLink(SignInLinkPage{Page: failed.Page, Token: "t", Name: "Amara Osei"}),
		"error-404": Failure(ErrorPage{Page: samplePage(), Status: 404, Request: "01JD4Q7M"}), "error-403": Failure(ErrorPage{Page: framed, Status: 403, Request: "01JD4Q7M", Ask: "Amara Osei"}),
		"error-500": Failure(ErrorPage{Page: samplePage(), Status: 500, Request: "01JD4Q7M"}), "tenants": Tenants(sampleTenants()), "tenants-many": Tenants(sampleTenantsMany()), "tenants-empty": Tenants(sampleTenantsRefused()),
		"tenant": Tenant(sampleTenant()), "tenant-new": Tenant(sampleTenantNew()), "tenant-disable": Tenant(sampleTenantDisable()), "tenant-delete": TenantDelete(sampleTenantDelete()),
		"install": Install(sampleInstallPage()), "install-read": Install(sampleInstallRead()), "upgrade": Upgrade(sampleUpgrade()), "upgrade-new": NewUpgrade(sampleNewUpgrade()),
		"platforms": Platforms(samplePlatforms()), "platforms-empty": Platforms(samplePlatformsEmpty()), "platform": Platform(samplePlatform()), "platform-new": Platform(samplePlatformNew()), "platform-11": Platform(samplePlatform11()),
		"platform-secret": PlatformSecret(samplePlatformSecret()), "platform-remove": PlatformRemove(samplePlatformRemove()), "register": Register(sampleRegister()), "registered": Registered(sampleRegistered()),
		"lti-failed": LaunchFailed(sampleLaunchFailed()), "lti-denied": LaunchDenied(sampleLaunchDenied()), "lti-window": LaunchWindow(LaunchWindowPage{Page: guestPage(), Ticket: "t"}),
		"lti-store": LaunchStore(sampleLaunchStore()), "lti-load": LaunchLoad(sampleLaunchLoad()), "event-framed": Event(sampleEventFramed()),
		"sign-in-institution": SignIn(sampleSignIn()), "providers": Providers(sampleProviders()), "provider": Provider(sampleProvider()), "provider-off": Provider(sampleProviderOff()),
		"api-docs": APIDocs(APIDocsPage{Page: samplePage()}), "account": Account(sampleAccount()), "account-new": Account(sampleAccountNew()), "account-course": Account(sampleAccountCourse()),
	}
}

// preview answers /{name}?lang=de&theme=dark with a sample under the product's own content security policy.
func preview(files string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/static/", http.StripPrefix("/static/", http.FileServerFS(static.FS)))
	mux.HandleFunc("/picture/{n}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		hue := map[string]string{"1": "#23336b", "2": "#f6f4ec", "3": "#4b5a60", "4": "#f2efe4", "5": "#efeadd", "6": "#e7ecf2"}[r.PathValue("n")]
		fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="%s"/><rect x="24" y="40" width="150" height="18" fill="#888"/><path d="M200 140l60-80" stroke="#c84b2c" stroke-width="4"/></svg>`, hue)
	})
	if files != "" {
		mux.Handle("/video/", http.StripPrefix("/video/", http.FileServer(http.Dir(files))))
		mux.HandleFunc("/api/openapi.json", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, files+"/openapi.json") })
	}
	mux.HandleFunc("/{name}", func(w http.ResponseWriter, r *http.Request) {
		page, known := samples()[r.PathValue("name")]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", contentPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Render(WithLang(r.Context(), r.FormValue("lang")), w); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		names := make([]string, 0)
		for name := range samples() {
			names = append(names, name)
		}
		sort.Strings(names)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for _, name := range names {
			fmt.Fprintf(w, "<p><a href=%q>%s</a> <a href=%q>de</a>", "/"+name, name, "/"+name+"?lang=de")
		}
	})
	return mux
}

// contentPolicy is what the product sends.
const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; style-src 'self'; script-src 'self'; frame-ancestors 'self'; object-src 'none'; base-uri 'none'"

// TestSamplesRender draws every sample in both languages: no error, no text id left standing.
func TestSamplesRender(t *testing.T) {
	for name, page := range samples() {
		for _, lang := range Languages {
			t.Run(name+"/"+lang, func(t *testing.T) {
				w := httptest.NewRecorder()
				if err := page.Render(WithLang(context.Background(), lang), w); err != nil {
					t.Fatal(err)
				}
				checkHTML(t, w.Body.Bytes())
			})
		}
	}
}
