package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// ruleAt names the functions that take the name of a rule, and which argument it is.
var ruleAt = map[string]int{"add": 1, "wrongField": 1, "parameter": 1}

// rulesOf are the packages whose fields pages have in their forms and addresses; programsOnly are files of theirs whose rules
// only programs meet.
var (
	rulesOf      = []string{"internal/event/", "internal/user/", "internal/lti/"}
	programsOnly = []string{"internal/event/asset.go"}
)

// withoutID are files whose faults have no text of ours.
var withoutID = map[string]string{
	"handlers/uploads.go":                "tusd's own words, told to programs alone",
	"handlers/okapi_answer.go":           "Okapi's own words, told to programs alone",
	"internal/install/registry_rules.go": "Okapi's own words, told to programs alone",
}

var (
	textID     = regexp.MustCompile(`^[a-z]+[.-][a-z.-]+$`)
	ruleName   = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	namedValue = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)
)

// TestFaultsHaveTextsInBothLanguages reads the sources: the id of every fault, and every rule that a field can break, stand in
// the catalogues of both languages. A text that wants values gets them from With or from the fault's fields.
func TestFaultsHaveTextsInBothLanguages(t *testing.T) {
	t.Parallel()
	found := faultTexts{ids: map[string]string{}, rules: map[string]string{}, constants: map[string]string{}}
	for _, root := range []string{"internal", "handlers", "jobs", "web"} {
		if err := found.readTree(os.DirFS(".."), root); err != nil {
			t.Fatal(err)
		}
	}
	if len(found.ids) < 80 || len(found.rules) < 20 {
		t.Fatalf("only %d ids and %d rules were found", len(found.ids), len(found.rules))
	}
	for _, line := range found.odd {
		t.Error(line)
	}
	for rule, at := range found.rules {
		found.ids["rule."+rule] = at
	}
	for _, lang := range []string{"en", "de"} {
		texts := catalogueTexts(t, lang)
		for _, id := range slices.Sorted(maps.Keys(found.ids)) {
			text, there := texts[id]
			if !there {
				t.Errorf("%s: %s has no text in %s", found.ids[id], id, lang)
			}
			for _, value := range namedValue.FindAllStringSubmatch(text, -1) {
				if name := value[1]; name != "Says" && !found.values[id][name] {
					t.Errorf("%s: the %s text of %s wants %s, which the fault does not have", found.ids[id], lang, id, name)
				}
			}
		}
	}
}

func catalogueTexts(t *testing.T, lang string) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../views/text/*." + lang + ".json")
	if err != nil || len(names) == 0 {
		t.Fatal("no catalogues of", lang, err)
	}
	all := map[string]string{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file map[string]json.RawMessage
		if err := json.Unmarshal(content, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for id, text := range file {
			all[id] = string(text)
		}
	}
	return all
}
