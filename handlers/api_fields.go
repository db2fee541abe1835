package handlers

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

// fields is a JSON object whose fields are taken one by one, so that everything that is wrong is found at once. Each is a
// change: not there, null, or a value.
type fields struct {
	values map[string]jsontext.Value
	wrong  []fault.Field
}

// fieldsIn reads a body that has to be one JSON object. Broken JSON and doubled names are refused at once.
func fieldsIn(raw []byte) (*fields, error) {
	f := &fields{}
	if len(strings.TrimSpace(string(raw))) == 0 {
		return nil, fault.New(fault.Malformed, "error.body-empty", "A body of JSON is needed.")
	}
	value := jsontext.Value(raw)
	// Names of inner objects are checked for doubles too.
	if err := jsonv2.Unmarshal(raw, new(jsontext.Value)); err != nil {
		return nil, jsonFault(err)
	}
	if value.Kind() != '{' {
		return nil, fault.New(fault.Malformed, "error.no-object", "The body has to be a JSON object.")
	}
	return f, jsonFault(jsonv2.Unmarshal(raw, &f.values))
}

// take gives a field's value and takes it out.
func (f *fields) take(name string) (jsontext.Value, bool) {
	v, there := f.values[name]
	delete(f.values, name)
	return v, there
}

func (f *fields) refuse(path, rule, message string) {
	f.wrong = append(f.wrong, fault.Field{Path: path, Rule: rule, Message: message})
}

// change takes a field as a type; what is of another type is refused with these words.
func change[T any](f *fields, name, rule, says string) event.Change[T] {
	raw, there := f.take(name)
	if !there {
		return event.Change[T]{}
	}
	if raw.Kind() == 'n' {
		return event.Removed[T]()
	}
	var v T
	if err := jsonv2.Unmarshal(raw, &v); err != nil {
		f.refuse("/"+event.Pointer(name), rule, says)
		return event.Change[T]{}
	}
	return event.To(v)
}

func (f *fields) text(name, rule string) event.Change[string] {
	return change[string](f, name, rule, "Has to be a text.")
}

// texts takes a list of texts and names the entries that are none.
func (f *fields) texts(name string) event.Change[[]string] {
	raw := change[[]jsontext.Value](f, name, "List", "Has to be a list of texts.")
	if !raw.Set || raw.Null {
		return event.Change[[]string]{Set: raw.Set, Null: raw.Null}
	}
	list, good := []string{}, true
	for i, v := range raw.Value {
		var text string
		if v.Kind() != '"' || jsonv2.Unmarshal(v, &text) != nil {
			f.refuse("/"+name+"/"+strconv.Itoa(i), "NonBlankString", "Has to be a text.")
			good = false
		}
		list = append(list, text)
	}
	if !good {
		return event.Change[[]string]{}
	}
	return event.To(list)
}

// instant takes a DateTime.
func (f *fields) instant(name string) event.Change[time.Time] {
	text := f.text(name, "DateTime")
	if !text.Set || text.Null {
		return event.Change[time.Time]{Set: text.Set, Null: text.Null}
	}
	at, ok := event.ParseDateTime(text.Value)
	if !ok {
		f.refuse("/"+name, "DateTime", "Use YYYY-MM-DDTHH:mm:ss with Z or an offset, for example 2026-11-22T10:00:00+01:00.")
		return event.Change[time.Time]{}
	}
	return event.To(at)
}

// metadata takes an object as it is written.
func (f *fields) metadata(name string) event.Change[json.RawMessage] {
	raw, there := f.take(name)
	switch {
	case !there:
		return event.Change[json.RawMessage]{}
	case raw.Kind() == 'n':
		return event.Removed[json.RawMessage]()
	case raw.Kind() != '{':
		f.refuse("/"+name, "ExtraMetadata", "Has to be an object.")
		return event.Change[json.RawMessage]{}
	}
	return event.To(json.RawMessage(raw))
}

// acl takes an access list; null is an empty one.
func (f *fields) acl(name string) event.Change[[]event.ACLEntry] {
	raw, there := f.take(name)
	if !there {
		return event.Change[[]event.ACLEntry]{}
	}
	acl, wrong := aclIn(raw, "/"+name)
	f.wrong = append(f.wrong, wrong...)
	if len(wrong) > 0 {
		return event.Change[[]event.ACLEntry]{}
	}
	return event.To(acl)
}

// aclIn reads an access list and names what is none.
func aclIn(raw jsontext.Value, path string) ([]event.ACLEntry, []fault.Field) {
	var entries []jsontext.Value
	if raw.Kind() == 'n' {
		return []event.ACLEntry{}, nil
	}
	if raw.Kind() != '[' || jsonv2.Unmarshal(raw, &entries) != nil {
		return nil, []fault.Field{{Path: path, Rule: "List", Message: "Has to be a list of entries with role and action."}}
	}
	list, wrong := []event.ACLEntry{}, []fault.Field(nil)
	for i, v := range entries {
		at := path + "/" + strconv.Itoa(i)
		if v.Kind() != '{' {
			wrong = append(wrong, fault.Field{Path: at, Rule: "ACLEntry", Message: "Has to be an object with role and action."})
			continue
		}
		in := &fields{}
		if jsonv2.Unmarshal(v, &in.values) != nil {
			continue // syntax was checked before
		}
		role, action := in.text("role", "NonBlankString"), in.text("action", "NonBlankString")
		in.none()
		for _, f := range in.wrong {
			wrong = append(wrong, fault.Field{Path: at + f.Path, Rule: f.Rule, Message: f.Message})
		}
		list = append(list, event.ACLEntry{Role: role.Value, Action: action.Value})
	}
	return list, wrong
}

// fixed refuses fields that Cutroom alone writes.
func (f *fields) fixed(names ...string) {
	for _, name := range names {
		if _, there := f.take(name); there {
			f.refuse("/"+name, "ReadOnly", "Is written by Cutroom alone.")
		}
	}
}

// none refuses whatever was not taken.
func (f *fields) none() {
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		f.refuse("/"+event.Pointer(name), "KnownField", "There is no such field.")
	}
}
