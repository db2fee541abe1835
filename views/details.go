package views

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Details are the metadata of a recording or a series as a form whose fields save themselves, each alone, by
// POST Action with the form fields
//
//	field  title, description, creators, series, language, start, end, download, listed
//	value  the new value (creators: names with "; " between; start, end: 2006-01-02T15:04 in the page's time zone, or empty;
//	       download, listed: "true" when ticked, else absent)
//	was    the value that the form was drawn from, in the same writing: when the present value is neither was nor
//	       value, somebody else changed it and the answer is a FieldOutcome of State conflict, status 412
//
// With the header HX-Request the answer is FieldOutcome alone (200 saved, 422 error, 412 conflict); without, a redirect to
// the page (303), or the page with Outcome filled.
type Details struct {
	Action      string // "/events/{id}/metadata" or "/series/{id}/metadata"
	MayEdit     bool   // else plain text
	Title       string
	Description string
	Creators    []string
	SeriesID    string
	Series      []Option // to choose from, with the present one
	Language    string   // "en", "de-CH" or ""
	Start, End  time.Time
	Download    bool // students may download it
	Listed      bool // it shows in lists
	Outcome     FieldOutcome
	OfSeries    bool // a series has neither series, times nor download
}

// FieldOutcome is what came of saving one field; it stands under the field and holds the value to compare with next time.
type FieldOutcome struct {
	Field   string // as Details' field
	State   string // "", saved, error, conflict
	Message string // error: the rule, one sentence: "The end lies before the start, 10:15."
	Was     string // the value that counts now, in the form's writing
	Shown   string // conflict: Was as people read it, where that differs (a series' title)
	By      string // conflict: who changed it
	Value   string // conflict and error: what was typed
}

// outcome of one field: the one given, or a quiet one that holds the present value.
func (d Details) outcome(field, was string) FieldOutcome {
	if d.Outcome.Field == field {
		return d.Outcome
	}
	return FieldOutcome{Field: field, Was: was}
}

// typed is what the field shows: what somebody typed and could not save, else the value.
func (d Details) typed(field, value string) string {
	if d.Outcome.Field == field && (d.Outcome.State == "error" || d.Outcome.State == "conflict") {
		return d.Outcome.Value
	}
	return value
}

func (d Details) creators() string { return strings.Join(d.Creators, "; ") }

func (d Details) seriesTitle() string {
	for _, o := range d.Series {
		if o.Value == d.SeriesID {
			return o.Text
		}
	}
	return ""
}

// languages are those that the form offers; one that is set and not among them is added.
func (d Details) languages(ctx context.Context) []Option {
	all := []Option{
		{"", T(ctx, "details.noLanguage")}, {"en", T(ctx, "language.en")}, {"de", T(ctx, "language.de")}, {"fr", T(ctx, "language.fr")},
		{"es", T(ctx, "language.es")}, {"it", T(ctx, "language.it")}, {"nl", T(ctx, "language.nl")}, {"pl", T(ctx, "language.pl")},
	}
	for _, o := range all {
		if o.Value == d.Language {
			return all
		}
	}
	return append(all, Option{d.Language, languageName(ctx, d.Language)})
}

// languageName tells a language code in words: "English", "German (de-CH)".
func languageName(ctx context.Context, code string) string {
	names := map[string]string{
		"en": "language.en", "de": "language.de", "fr": "language.fr", "es": "language.es", "it": "language.it", "nl": "language.nl", "pl": "language.pl",
	}
	base, _, region := strings.Cut(code, "-")
	id, known := names[base]
	switch {
	case !known:
		return code
	case region:
		return T(ctx, id) + " (" + code + ")"
	}
	return T(ctx, id)
}

func ticked(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// marks are a control's attributes for those who cannot see the outcome.
func (d Details) marks(field string) templ.Attributes {
	marks := templ.Attributes{"aria-describedby": "outcome-" + field}
	if d.Outcome.Field == field && d.Outcome.State == "error" {
		marks["aria-invalid"] = "true"
	}
	return marks
}

// marksOf is marks with the id, for a control that Select draws.
func (d Details) marksOf(field string) templ.Attributes {
	marks := d.marks(field)
	marks["id"] = "details-" + field
	return marks
}

// conflict tells who changed the field meanwhile and to what.
func (o FieldOutcome) conflict(ctx context.Context) string {
	value := o.Shown
	if value == "" {
		value = o.Was
	}
	if o.By == "" {
		return T(ctx, "details.conflict", "Value", value)
	}
	return T(ctx, "details.conflictBy", "Name", o.By, "Value", value)
}

func commas(list []string) string { return strings.Join(list, ", ") }
