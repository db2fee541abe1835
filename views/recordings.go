package views

import (
	"context"
	"net/url"
	"time"
)

// RecordingsPage is "/": all recordings that somebody may see.
type RecordingsPage struct {
	Page      Page
	List      RecordingList
	Counts    RecordingCounts
	MayUpload bool
	SeriesID  string // uploads go into this series, when given
	Course    string // uploads are for this course, when given
}

// RecordingCounts are the numbers in the filter's tabs; 10000 and more is shown as "10 000+".
type RecordingCounts struct{ All, Edit, Work, Failed int }

// RecordingList is the list with its search; GET /events/list gives its rows alone.
type RecordingList struct {
	Base   string // the page it stands on, "/" or "/series/{id}"
	Query  string // what was searched
	Filter string // "" all, edit, work, failed
	Order  string // "" newest, oldest, title, changed
	Rows   []RecordingRow
	Next   string // the cursor of the rows after these; empty: there are no more
	Series string // only this series' recordings
	Launch string // a course asks which recordings to add: its launch; rows are chosen, and lead nowhere
}

// RecordingRow is one recording in a list.
type RecordingRow struct {
	ID       string
	Title    string
	Series   string
	Date     time.Time
	Picture  string // address of its picture; empty: none yet
	Strip    Strip
	State    string    // empty, processing, broken, unedited, changed, waiting, publishing, published, failed
	Progress float64   // 0 to 1, of processing or publishing
	At       time.Time // of the publishing, for published
	Run      string    // the run that publishes or failed
	Faces    []Face    // who else is here now
	MayEdit  bool
	NoEditor bool     // the tenant has no editor
	Moments  []Moment // where the searched words are spoken
}

// Moment is a place where searched words are spoken.
type Moment struct {
	At   int64 // milliseconds
	Text []Piece
}

// Tag tells the recording's state.
func (r RecordingRow) Tag(ctx context.Context) Tag {
	switch r.State {
	case "processing":
		return Tag{"running", T(ctx, "state.processing", "Percent", Percent(r.Progress))}
	case "broken":
		return Tag{"failed", T(ctx, "state.broken")}
	case "changed":
		return Tag{"changed", T(ctx, "state.changed")}
	case "waiting":
		return Tag{"waits", T(ctx, "state.waiting")}
	case "publishing":
		return Tag{"running", T(ctx, "state.publishing", "Percent", Percent(r.Progress))}
	case "published":
		return Tag{"done", T(ctx, "state.published", "Day", Day(ctx, r.At))}
	case "failed":
		return Tag{"failed", T(ctx, "state.failed")}
	case "unedited":
		return Tag{"waits", T(ctx, "state.unedited")}
	}
	return Tag{"waits", T(ctx, "state.empty")}
}

// length tells the strip's words; who may not edit is not told what was cut out, only how long it is.
func (r RecordingRow) length(ctx context.Context) string {
	if r.MayEdit || r.Strip.Duration == 0 {
		return r.Strip.words(ctx)
	}
	return Length(ctx, r.Strip.Duration)
}

// about is the line under the title: series, date, who is here; inSeries leaves out the series, which the page names already.
func (r RecordingRow) about(ctx context.Context, inSeries bool) string {
	text := r.Series
	if inSeries {
		text = ""
	}
	if day := Day(ctx, r.Date); day != "" {
		text = join(text, day)
	}
	if len(r.Faces) > 0 {
		text = join(text, r.Faces[0].says(ctx))
	}
	return text
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	if b == "" {
		return a
	}
	return a + " · " + b
}

// address gives the list's page with one of its choices changed.
func (l RecordingList) address(key, value string) string {
	return l.url(l.Base, key, value)
}

// rowsAt is where rows come from alone.
func (l RecordingList) rowsAt() string {
	if l.Launch != "" {
		return PickerPath + "/list"
	}
	return "/events/list"
}

// more is where the next rows come from.
func (l RecordingList) more() string {
	return l.url(l.rowsAt(), "cursor", l.Next)
}

// self is where these rows come from again.
func (l RecordingList) self() string {
	return l.url(l.rowsAt(), "cursor", "")
}

func (l RecordingList) url(base, key, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"q": l.Query, "filter": l.Filter, "sort": l.Order} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if base == l.rowsAt() && l.Series != "" {
		q.Set("series", l.Series)
	}
	if l.Launch != "" {
		q.Set("launch", l.Launch)
	}
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// many writes a count of the filter's tabs.
func many(n int) string {
	if n >= 10_000 {
		return Count(10_000) + "+"
	}
	return Count(n)
}

func (p RecordingsPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "recordings.title"), "recordings")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.MayUpload {
		page.Scripts = append(page.Scripts, "js/upload.js")
	}
	return page
}

// choice is a tab of a filter with its count.
type choice struct {
	value, text string
	count       int
}

func (p RecordingsPage) filters(ctx context.Context) []choice {
	return []choice{
		{"", T(ctx, "recordings.all"), p.Counts.All}, {"edit", T(ctx, "recordings.toEdit"), p.Counts.Edit},
		{"work", T(ctx, "recordings.inWork"), p.Counts.Work}, {"failed", T(ctx, "recordings.failed"), p.Counts.Failed},
	}
}

func orders(ctx context.Context) []Option {
	return []Option{
		{"", T(ctx, "order.newest")}, {"oldest", T(ctx, "order.oldest")}, {"title", T(ctx, "order.title")}, {"changed", T(ctx, "order.changed")},
	}
}

func orderText(ctx context.Context, order string) string {
	all := orders(ctx)
	for _, o := range all {
		if o.Value == order {
			return o.Text
		}
	}
	return all[0].Text
}

// mayCut says whether the editor can be opened.
func (r RecordingRow) mayCut() bool { return r.MayEdit && !r.NoEditor && r.State != "empty" }

// href is where a row's picture and title lead: the details for those who edit, else straight to the player.
func (r RecordingRow) href() string {
	if !r.MayEdit && r.watchable() {
		return "/events/" + r.ID + "/watch"
	}
	return "/events/" + r.ID
}

// watchable says that a version is published.
func (r RecordingRow) watchable() bool {
	return !r.At.IsZero() || r.State == "published"
}

func (r RecordingRow) watchAt(ms int64) string {
	return "/events/" + r.ID + "/watch?t=" + number(int(ms/1000))
}

// uploadTexts are the texts of static/js/upload.js.
func uploadTexts(ctx context.Context) map[string]string {
	return Texts(ctx, "upload.left", "upload.soon", "upload.of", "upload.waits", "upload.again", "upload.choose", "upload.stop", "upload.stopTitle", "upload.failed",
		"upload.retry", "upload.done", "upload.open", "upload.started", "upload.checking", "upload.refused")
}
