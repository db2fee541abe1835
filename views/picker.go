package views

import (
	"context"
	"net/url"

	"github.com/a-h/templ"
)

// PickerPath is the page on which recordings are chosen for a course.
const PickerPath = "/lti/deep-link"

// PickerPage is where somebody who teaches chooses recordings for a course (LTI Deep Linking): search, upload, add one at once, or
// choose, set title and start, and add.
type PickerPage struct {
	Page      Page
	Launch    string
	Course    string // its title; "" when it is not known
	Platform  string // name of the learning platform
	Takes     bool   // the course takes links at all
	Several   bool   // more than one at a time
	Places    bool   // the course can show links in the page and in a window: one chooses
	MayUpload bool
	List      RecordingList
	Picked    []Picked
	Error     string // why nothing was sent
}

// Picked is a chosen recording with what its link will say, as it was typed.
type Picked struct {
	ID      string
	Name    string // title of the recording
	Title   string // of the link
	View    string // watch, edit
	Start   string // as typed
	Place   string // iframe, window
	MayEdit bool   // it may be linked to edit
	Seen    bool   // it is published: who comes to watch sees something
	Length  int64  // ms
	Hidden  bool   // those who take the course may not watch it
	Share   bool   // they may from now on; only who may edit it is asked
	Errors  map[string]string
}

// field names an input of a chosen recording.
func (p Picked) field(name string) string { return name + "." + p.ID }

// element names an element of a chosen recording; its id has signs that selectors know.
func (p Picked) element(name string) string { return "picked-" + name + "-" + p.ID }

// wrong marks a control whose value was refused, and leads to why.
func (p Picked) wrong(name string) templ.Attributes {
	if p.Errors[name] == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": p.element(name + "-error")}
}

func (p PickerPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "picker.title"), "")
	page.Styles = append(page.Styles, "css/picker.css")
	page.Scripts = append(page.Scripts, "js/progress.js", "js/picker.js")
	if p.MayUpload && p.Takes {
		page.Scripts = append(page.Scripts, "js/upload.js")
	}
	return page
}

func (p PickerPage) heading(ctx context.Context) string {
	if p.Course == "" {
		return T(ctx, "picker.headingNone")
	}
	return T(ctx, "picker.heading", "Course", p.Course)
}

// counted tells how many are chosen.
func (p PickerPage) counted(ctx context.Context) string {
	switch {
	case len(p.Picked) > 0 && p.Several:
		return T(ctx, "picker.chosen", "PluralCount", len(p.Picked))
	case len(p.Picked) > 0:
		return T(ctx, "picker.chosenOne", "Title", p.Picked[0].Name)
	case p.Several:
		return T(ctx, "picker.several")
	}
	return T(ctx, "picker.single")
}

func (p PickerPage) addText(ctx context.Context) string {
	if len(p.Picked) > 1 {
		return T(ctx, "picker.addSeveral", "PluralCount", len(p.Picked))
	}
	return T(ctx, "recordings.addToCourse")
}

// searched is the page after a search was cleared.
func (p PickerPage) searched() string {
	return PickerPath + "?" + url.Values{"launch": {p.Launch}}.Encode()
}

func viewOptions(ctx context.Context) []Option {
	return []Option{{"watch", T(ctx, "picker.watch")}, {"edit", T(ctx, "picker.edit")}}
}

func placeOptions(ctx context.Context) []Option {
	return []Option{{"iframe", T(ctx, "picker.inPage")}, {"window", T(ctx, "picker.inWindow")}}
}

// startHint tells how to write a start, and up to when.
func startHint(ctx context.Context, length int64) string {
	if length < 1000 {
		return T(ctx, "picker.startHint")
	}
	return T(ctx, "picker.startHintMost", "Length", Clock(length))
}

// PickerAnswer is the page that takes the choice to the learning platform: by itself, or by a button.
type PickerAnswer struct {
	Page   Page
	Return string // address of the platform
	JWT    string
	Count  int // of links
}

func (p PickerAnswer) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "picker.title"), "")
	page.Styles = append(page.Styles, "css/picker.css")
	page.Scripts = append(page.Scripts, "js/picker_answer.js")
	return page
}

func (p PickerAnswer) says(ctx context.Context) string {
	if p.Count == 0 {
		return T(ctx, "picker.backNone")
	}
	return T(ctx, "picker.sending", "PluralCount", p.Count)
}

// count tells static/js/picker.js how many recordings the course takes.
func (p PickerPage) count() string {
	if p.Several {
		return "several"
	}
	return "one"
}
