package event

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cutroom/internal/fault"
)

// The limits of the data model, in bytes.
const (
	maxName        = 1024
	maxDescription = 65536
	maxList        = 1000 // entries of a list that people write
)

var (
	labelForm    = regexp.MustCompile(`^[A-Za-z0-9._~!*:@,;-]{1,128}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)
	dateTimeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)$`)
)

// wrong gathers the wrong fields of a request.
type wrong []fault.Field

func (w *wrong) add(path, rule, message string) {
	*w = append(*w, fault.Field{Path: path, Rule: rule, Message: message})
}

// fault refuses all of them at once; nil when there are none.
func (w wrong) fault() error {
	if len(w) == 0 {
		return nil
	}
	said := make([]string, len(w))
	for i, f := range w {
		said[i] = strings.TrimPrefix(f.Path, "/") + ": " + f.Message
	}
	return fault.New(fault.Invalid, "error.fields", strings.Join(said, " ")).WithFields(w...)
}

// nonBlank checks a NonBlankString: valid UTF-8, no NUL, not only Unicode White_Space, at most 1,024 bytes.
func (w *wrong) nonBlank(path, value string) {
	switch {
	case !cleanText(value):
		w.add(path, "NonBlankString", "Has signs that no text can have.")
	case strings.TrimFunc(value, unicode.IsSpace) == "":
		w.add(path, "NonBlankString", "May not be empty or only white space.")
	case len(value) > maxName:
		w.add(path, "NonBlankString", fmt.Sprintf("May have at most %d bytes, has %d.", maxName, len(value)))
	}
}

func (w *wrong) description(path, value string) {
	switch {
	case !cleanText(value):
		w.add(path, "Description", "Has signs that no text can have.")
	case len(value) > maxDescription:
		w.add(path, "Description", fmt.Sprintf("May have at most %d bytes, has %d.", maxDescription, len(value)))
	}
}

// cleanText says whether Postgres can keep the text: valid UTF-8 without NUL.
func cleanText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func (w *wrong) label(path, value string) {
	if !labelForm.MatchString(value) {
		w.add(path, "Label", "Use 1 to 128 ASCII letters, digits and - . _ ~ ! * : @ , ;")
	}
}

func (w *wrong) language(path, value string) {
	if !languageForm.MatchString(value) {
		w.add(path, "LangCode", "Use a language code such as en or en-US.")
	}
}

func (w *wrong) names(path string, values []string) {
	if len(values) > maxList {
		w.add(path, "List", fmt.Sprintf("May have at most %d entries.", maxList))
		return
	}
	for i, v := range values {
		w.nonBlank(fmt.Sprintf("%s/%d", path, i), v)
	}
}

// acl checks that roles and actions are NonBlankStrings and that no entry comes twice.
func (w *wrong) acl(path string, acl []ACLEntry) {
	if len(acl) > maxList {
		w.add(path, "List", fmt.Sprintf("May have at most %d entries.", maxList))
		return
	}
	seen := map[ACLEntry]bool{}
	for i, e := range acl {
		at := fmt.Sprintf("%s/%d", path, i)
		w.nonBlank(at+"/role", e.Role)
		w.nonBlank(at+"/action", e.Action)
		if seen[e] {
			w.add(at, "NoDoubles", "This role has this action already.")
		}
		seen[e] = true
	}
}

func (w *wrong) span(start, end *time.Time) {
	if start != nil && end != nil && end.Before(*start) {
		w.add("/endTime", "EndNotBeforeStart", "May not be before startTime.")
	}
}

// ParseDateTime reads a DateTime, YYYY-MM-DDTHH:mm:ss[.sss] with Z or an offset: a whole instant, its zone included.
func ParseDateTime(text string) (time.Time, bool) {
	if !dateTimeForm.MatchString(text) {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		return time.Time{}, false
	}
	return at.UTC(), true
}

// FormatTime writes an instant as a Timestamp: UTC with Z, in milliseconds.
func FormatTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// FormatDateTime writes an instant as a DateTime: UTC with Z, milliseconds only where there are some.
func FormatDateTime(at time.Time) string {
	if at.UnixMilli()%1000 == 0 {
		return at.UTC().Format("2006-01-02T15:04:05Z")
	}
	return FormatTime(at)
}
