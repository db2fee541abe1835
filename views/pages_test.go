package views

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// draw renders a component in English and parses it.
func draw(t *testing.T, c templ.Component) *html.Node {
	t.Helper()
	var page bytes.Buffer
	if err := c.Render(WithLang(context.Background(), "en"), &page); err != nil {
		t.Fatal(err)
	}
	return checkHTML(t, page.Bytes())
}

var selector = regexp.MustCompile(`^([a-z0-9]*)(?:\.([a-z-]+))?(?:\[([a-z-]+)(?:=([^\]]*))?\])?$`)

// find gives the elements that tag.class[attribute=value] matches, each part optional.
func find(t *testing.T, root *html.Node, query string) []*html.Node {
	t.Helper()
	parts := selector.FindStringSubmatch(query)
	if parts == nil {
		t.Fatalf("selector %q cannot be read", query)
	}
	var found []*html.Node
	walk(root, func(n *html.Node) {
		switch {
		case n.Type != html.ElementNode, parts[1] != "" && n.Data != parts[1]:
		case parts[2] != "" && !strings.Contains(" "+attr(n, "class")+" ", " "+parts[2]+" "):
		case parts[3] != "" && !has(n, parts[3]), parts[4] != "" && attr(n, parts[3]) != parts[4]:
		default:
			found = append(found, n)
		}
	})
	return found
}

// TestPagesShow draws pages and looks for what a person came for.
func TestPagesShow(t *testing.T) {
	reader := sampleEvent()
	reader.Row.MayEdit, reader.Details.MayEdit, reader.ACL.MayEdit = false, false, false
	cancelling := sampleRun()
	cancelling.Run.Cancelling = true
	viewer := samplePage()
	viewer.Who.Role = "viewer"
	silent := sampleWatch()
	silent.Published = false
	onePicker := samplePicker()
	onePicker.Picked = nil
	many := sampleRecordings()
	many.Counts.All = 12_000
	for _, check := range []struct {
		name  string
		page  templ.Component
		query string
		texts []string // of the elements found, in order; nil: none is found
	}{
		{"the banner of an editor", Recordings(sampleRecordings()), "a[aria-current=page]", []string{"Recordings"}},
		{"states by word", Recordings(sampleRecordings()), "span.tag", []string{"Changes not published", "Not edited yet", "Publishing, 62 %", "Published " + Day(context.Background(), day(8)), "Published " + Day(context.Background(), day(11)), "Publishing failed", "Getting ready, 40 %", "Published " + Day(context.Background(), day(16))}},
		{"a failed one leads to its run", Recordings(sampleRecordings()), "a[href=/runs/r2]", []string{"See why"}},
		{"more rows", Recordings(sampleRecordings()), "a[hx-get=/events/list?cursor=c2]", []string{"Show more"}},
		{"very many", Recordings(many), "a[aria-current=true]", []string{"All 10 000+", "Newest first"}},
		{"the picker's buttons", Picker(onePicker), "button[value=l4]", []string{"Add to the course", "Choose…"}},
		{"the picker adds what is chosen", Picker(samplePicker()), "button[data-add]", []string{"Add 2 to the course"}},
		{"the answer goes by a button too", PickerSend(PickerAnswer{Page: framedPage(), Return: "https://lms.example/links", JWT: "e30.e30.x", Count: 2}), "form[action=https://lms.example/links]", []string{"Go on to the course"}},
		{"the picker leads nowhere else", Picker(samplePicker()), "a[href=/events/l4]", nil},
		{"a wrong start is told beside it", Picker(samplePicker()), "p.field-error", []string{"Type a time like 17:54, at most 46:51."}},
		{"a viewer sees no jobs", Recordings(RecordingsPage{Page: viewer}), "a[href=/jobs]", nil},
		{"a reader gets no fields", Event(reader), "form[data-save]", nil},
		{"a reader gets plain text", Event(reader), "dd.field-read", []string{reader.Details.Description}},
		{"an editor's field tells the rule", Event(sampleEvent()), "p.field-error", []string{"The end lies before the start, 10:15. Not saved."}},
		{"losing one's own right is asked", Event(sampleEvent()), "button[name=confirm]", []string{"Take it away"}},
		{"a run in work", Run(sampleRun()), "p.run-left", []string{"About 6 seconds left"}},
		{"a lost worker", Run(sampleRun()), "li.step-note", []string{"Worker media-1 was lost at " + TimeOfDay(context.Background(), sampleNow.Add(-26*time.Second)) + ". media-2 goes on where it stopped (attempt 2 of 3)."}},
		{"a run that waits", Run(sampleRunQueued()), "p.run-left", []string{"2nd in line, after Jonas's of " + sampleNow.Format("15:04") + "."}},
		{"a failed run can be retried", Run(sampleRunFailed()), "form[action=/runs/r1/retry]", []string{"Retry"}},
		{"a cancelled run says so", Run(cancelling), "button[disabled]", []string{"Cancel"}},
		{"no jobs", Jobs(JobsPage{Page: samplePage()}), "div.empty", []string{"No jobs yet."}},
		{"native controls without scripts", Watch(sampleWatch()), "video[controls]", []string{"", ""}},
		{"not published yet", Watch(silent), "p.watch-none-title", []string{"Not published yet"}},
		{"not published yet plays nothing", Watch(silent), "video", nil},
		{"a lost node", Nodes(sampleNodes()), "span.tag-failed", []string{"Not seen for 0:32, its work goes on elsewhere."}},
		{"the chosen sentence", Settings(sampleSettings()), "input[checked]", []string{""}},
		{"a single choice is told", Settings(sampleSettings()), "input[name=edit.mode]", nil},
		{"any failure says the same", SignIn(SignInPage{Failed: true}), "span.field-error", []string{"User name and password do not match."}},
		{"a device by its browser", Account(sampleAccount()), "span.account-name", []string{"Firefox on Linux", "Safari on iPhone", "Edge on Windows", "Unknown browser"}},
		{"the secret of a new token", Account(sampleAccountNew()), "input[readonly]", []string{""}},
		{"no secret of old tokens", Account(sampleAccount()), "input[readonly]", nil},
		{"no password for whoever comes from a course", Account(sampleAccountCourse()), "input[type=password]", nil},
		{"nothing to sign out elsewhere", Account(sampleAccountCourse()), "button[value=elsewhere]", nil},
		{"the support line", Failure(ErrorPage{Page: samplePage(), Status: 404, Request: "01JD4Q7M"}), "p.failure-request", []string{"For the support team: 404, request 01JD4Q7M"}},
		{"whom to ask", Failure(ErrorPage{Page: samplePage(), Status: 403, Ask: "Amara Osei"}), "p.failure-text", []string{"Ask Amara Osei to give you the right."}},
	} {
		t.Run(check.name, func(t *testing.T) {
			var got []string
			for _, n := range find(t, draw(t, check.page), check.query) {
				got = append(got, text(n))
			}
			if strings.Join(got, "|") != strings.Join(check.texts, "|") {
				t.Errorf("%s shows %q, want %q", check.query, got, check.texts)
			}
		})
	}
}

// TestFormats writes lengths, sizes and counts as SCREENS of both languages do.
func TestFormats(t *testing.T) {
	en, de := WithLang(context.Background(), "en"), WithLang(context.Background(), "de")
	at := time.Date(2026, 11, 18, 10, 15, 0, 0, time.UTC)
	utc := WithZone(de, time.UTC)
	for _, c := range []struct{ got, want string }{
		{Length(en, 18_500), "18.5\u00a0s"}, {Length(de, 18_500), "18,5\u00a0s"}, {Length(en, 2_000), "2\u00a0s"}, {Length(en, 2_554_000), "42:34"}, {Length(en, 3_723_000), "1:02:03"},
		{Clock(18_000), "0:18"}, {Bytes(en, 64_000), "64\u00a0kB"}, {Bytes(de, 1_400_000_000), "1,4\u00a0GB"}, {Bytes(en, 310_000_000), "310\u00a0MB"}, {Count(9999), "9999"}, {Count(1_204_000), "1\u202f204\u202f000"},
		{Percent(0.999), "99\u00a0%"}, {Percent(1), "100\u00a0%"}, {ordinal(en, 2), "2nd"}, {ordinal(en, 11), "11th"}, {ordinal(de, 2), "2."}, {WeekdayTime(utc, at), "Mittwoch, 18. November 2026, 10:15"},
		{Initials("Amara Osei"), "AO"}, {Initials("ada"), "AD"}, {Initials(""), "?"}, {PickLang("", "de-AT,de;q=0.9,en;q=0.5"), "de"}, {PickLang("en", "de"), "en"}, {PickLang("", "fr"), "en"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
