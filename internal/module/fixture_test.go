package module

import (
	"strings"
	"testing"
)

// mod makes a descriptor from one line: its id, then what it provides ("+int=1.0"), requires ("int=1.0|2.0", versions
// with a bar between them), uses if it is there ("?int=1.0") and replaces ("~product").
func mod(t testing.TB, line string) Descriptor {
	t.Helper()
	fields := strings.Fields(line)
	d := Descriptor{ID: fields[0]}
	for _, f := range fields[1:] {
		id, version, _ := strings.Cut(strings.TrimLeft(f, "+?~*"), "=")
		version = strings.ReplaceAll(version, "|", " ")
		switch f[0] {
		case '+':
			d.Provides = append(d.Provides, Interface{ID: id, Version: version})
		case '*':
			d.Provides = append(d.Provides, Interface{ID: id, Version: version, Type: typeMultiple})
		case '?':
			d.Optional = append(d.Optional, Reference{ID: id, Version: version})
		case '~':
			d.Replaces = append(d.Replaces, id)
		default:
			d.Requires = append(d.Requires, Reference{ID: id, Version: version})
		}
	}
	if _, err := ParseID(d.ID); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return d
}

// mods makes a map of descriptors from lines, one a module.
func mods(t testing.TB, lines string) map[string]Descriptor {
	t.Helper()
	out := map[string]Descriptor{}
	for line := range strings.Lines(lines) {
		if strings.TrimSpace(line) != "" {
			d := mod(t, line)
			out[d.ID] = d
		}
	}
	return out
}

// some picks modules by their ids.
func some(t testing.TB, all map[string]Descriptor, ids string) map[string]Descriptor {
	t.Helper()
	out := map[string]Descriptor{}
	for id := range strings.FieldsSeq(ids) {
		d, ok := all[id]
		if !ok {
			t.Fatalf("no module %s", id)
		}
		out[id] = d
	}
	return out
}

// entries reads "a-1.0.0, -b" as: enable the first, disable the second; "=c" is uptodate.
func entries(list string) []TenantModule {
	var out []TenantModule
	for s := range strings.SplitSeq(list, ",") {
		s = strings.TrimSpace(s)
		switch {
		case s == "":
		case s[0] == '-':
			out = append(out, TenantModule{ID: s[1:], Action: Disable})
		case s[0] == '=':
			out = append(out, TenantModule{ID: s[1:], Action: UpToDate})
		case s[0] == '!':
			out = append(out, TenantModule{ID: s[1:], Action: Suggest})
		default:
			out = append(out, TenantModule{ID: s})
		}
	}
	return out
}

// told writes a resolved list in the way that entries reads, with "a-2<a-1" for an upgrade.
func told(list []TenantModule) string {
	var out []string
	for _, m := range list {
		s := m.ID
		if m.From != "" {
			s += "<" + m.From
		}
		switch m.Action {
		case Enable:
		case Disable:
			s = "-" + s
		case UpToDate:
			s = "=" + s
		case Suggest:
			s = "!" + s
		default:
			s = string(m.Action) + " " + s
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}
