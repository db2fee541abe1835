package event

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	maxMetadata = 1 << 20 // bytes of all extra metadata of an event
	maxDepth    = 64      // nesting of one value
)

var (
	metadataName = regexp.MustCompile(`^[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$`)
	switches     = []string{"ocx:downloadable", "ocx:listed", "ocx:explicitContent"}
)

// metadata checks extra metadata: names of the form ns:name, oc: reserved, the ocx: switches true or false, and values
// that Postgres keeps exactly. A null value is one to be removed.
func (w *wrong) metadata(path string, raw json.RawMessage) {
	var values map[string]json.RawMessage
	if len(raw) == 0 {
		return
	}
	if err := json.Unmarshal(raw, &values); err != nil || values == nil {
		w.add(path, "ExtraMetadata", "Has to be an object.")
		return
	}
	if len(raw) > maxMetadata {
		w.add(path, "ExtraMetadata", "May have at most 1 MB together.")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at := path + "/" + Pointer(name)
		switch {
		case !metadataName.MatchString(name):
			w.add(at, "MetadataName", "Use a name of the form ns:name, both parts of ASCII letters, digits, _ and -.")
		case strings.HasPrefix(name, "oc:"):
			w.add(at, "ReservedName", "Names that begin with oc: are reserved.")
		case isNull(values[name]):
		case slices.Contains(switches, name) && !isBool(values[name]):
			w.add(at, "Boolean", "Has to be true or false.")
		default:
			if says := unkeepable(values[name]); says != "" {
				w.add(at, "JSON", says)
			}
		}
	}
}

// Pointer escapes a name for a JSON pointer (RFC 6901).
func Pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

func isBool(raw json.RawMessage) bool {
	text := string(bytes.TrimSpace(raw))
	return text == "true" || text == "false"
}

// unkeepable says why jsonb could not keep a value as it is; "" when it can.
func unkeepable(raw json.RawMessage) string {
	read := json.NewDecoder(bytes.NewReader(raw))
	read.UseNumber()
	for depth := 0; ; {
		token, err := read.Token()
		if err != nil {
			return "" // the end; syntax was checked before
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			if depth > maxDepth {
				return "Is nested too deeply."
			}
		case string:
			if !cleanText(v) {
				return "Has signs that no text can have."
			}
		case json.Number:
			if !keepableNumber(v.String()) {
				return "Has a number that is too large or too small."
			}
		}
	}
}

// keepableNumber allows what numeric writes out in a reasonable length.
func keepableNumber(text string) bool {
	digits, exponent, found := strings.Cut(strings.ToLower(text), "e")
	if len(digits) > 1000 {
		return false
	}
	if !found {
		return true
	}
	n, err := strconv.Atoi(exponent)
	return err == nil && n >= -400 && n <= 400
}

// mergePatch applies an RFC 7396 merge patch. Numbers keep their digits.
func mergePatch(target, patch json.RawMessage) json.RawMessage {
	changes, ok := object(patch)
	if !ok {
		return patch
	}
	values, ok := object(target)
	if !ok {
		values = map[string]json.RawMessage{}
	}
	for name, change := range changes {
		if isNull(change) {
			delete(values, name)
		} else {
			values[name] = mergePatch(values[name], change)
		}
	}
	merged, err := json.Marshal(values)
	if err != nil {
		return target // values that were parsed can be written
	}
	return merged
}

// withoutNulls drops the names of an object whose value is null: absent means null.
func withoutNulls(raw json.RawMessage) json.RawMessage {
	values, ok := object(raw)
	if !ok {
		return json.RawMessage("{}")
	}
	maps.DeleteFunc(values, func(_ string, v json.RawMessage) bool { return isNull(v) })
	cleaned, err := json.Marshal(values)
	if err != nil {
		return json.RawMessage("{}")
	}
	return cleaned
}

func object(raw json.RawMessage) (map[string]json.RawMessage, bool) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil || values == nil {
		return nil, false
	}
	return values, true
}

// sameJSON compares two values; numbers by their digits.
func sameJSON(a, b json.RawMessage) bool {
	return bytes.Equal(canonical(a), canonical(b))
}

func canonical(raw json.RawMessage) []byte {
	read := json.NewDecoder(bytes.NewReader(raw))
	read.UseNumber()
	var v any
	if read.Decode(&v) != nil {
		return raw
	}
	text, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return text
}
