package lti

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// members of a JSON object by their exact names. What the token does not have, and null, is not among them.
type members map[string]jsontext.Value

// membersOf reads an object. PHP writes an empty one as [], and platforms write null for what they do not tell: both are empty.
func membersOf(value jsontext.Value) members {
	all := members{}
	if value.Kind() != '{' || json.Unmarshal(value, &all) != nil {
		return members{}
	}
	for name, v := range all {
		if v.Kind() == 'n' {
			delete(all, name)
		}
	}
	return all
}

// text reads a text; a number or a boolean is one as it is written. Everything else is "".
func (m members) text(name string) string { return textOf(m[name]) }

func textOf(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		var text string
		if json.Unmarshal(value, &text) != nil {
			return ""
		}
		return text
	case '0', 't', 'f':
		return string(value)
	}
	return ""
}

// texts reads a list of texts, or one text as a list of one. ok is false for what is neither; other things in the list are left out.
func (m members) texts(name string) (list []string, ok bool) {
	value := m[name]
	switch value.Kind() {
	case '"':
		return []string{textOf(value)}, true
	case '[':
		var all []jsontext.Value
		if json.Unmarshal(value, &all) != nil {
			return nil, false
		}
		list = []string{}
		for _, v := range all {
			if v.Kind() == '"' {
				list = append(list, textOf(v))
			}
		}
		return list, true
	}
	return nil, false
}

func (m members) object(name string) members { return membersOf(m[name]) }

// flag reads true, also as a text.
func (m members) flag(name string) bool { return m.text(name) == "true" }

// mostSeconds bounds times to those that can be computed with: until the year 9999.
const mostSeconds = 253402300799

// when reads seconds since 1970 (RFC 7519, NumericDate), fractions allowed. ok is false for what is no such time.
func (m members) when(name string) (at time.Time, ok bool) {
	value := m[name]
	if value.Kind() != '0' {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsNaN(seconds) || seconds < 0 || seconds > mostSeconds {
		return time.Time{}, false
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)), true
}

// line makes a text fit to be shown and kept: one line, valid, up to most bytes.
func line(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(text) <= most {
		return text
	}
	for text = text[:most]; !utf8.ValidString(text); {
		text = text[:len(text)-1]
	}
	return strings.TrimSpace(text)
}

// identifier says whether a text can name something: 1 to most bytes, valid, without control characters.
func identifier(text string, most int) bool {
	return text != "" && len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
