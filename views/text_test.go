package views

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// catalogue reads all texts of a language by id.
func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	names, err := fs.Glob(catalogues, "text/*."+lang+".json")
	if err != nil || len(names) == 0 {
		t.Fatal("no catalogues of", lang, err)
	}
	all := map[string]string{}
	for _, name := range names {
		content, err := catalogues.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file map[string]json.RawMessage
		if err := json.Unmarshal(content, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for id, text := range file {
			if _, twice := all[id]; twice {
				t.Errorf("%s: %s stands twice", name, id)
			}
			all[id] = string(text)
		}
	}
	return all
}

// wants names the values that a text wants.
func wants(text string) string {
	seen := map[string]bool{}
	for _, m := range places.FindAllStringSubmatch(text, -1) {
		seen[m[1]] = true
	}
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

func TestCataloguesAreComplete(t *testing.T) {
	english, german := catalogue(t, "en"), catalogue(t, "de")
	for id, text := range english {
		other, there := german[id]
		switch {
		case !there:
			t.Errorf("%s has no German text", id)
		case wants(text) != wants(other):
			t.Errorf("%s: English wants %q, German %q", id, wants(text), wants(other))
		case strings.Contains(text, `"one"`) != strings.Contains(other, `"one"`):
			t.Errorf("%s: only one language has plural forms", id)
		}
	}
	for id := range german {
		if _, there := english[id]; !there {
			t.Errorf("%s has no English text", id)
		}
	}
}

var (
	call = regexp.MustCompile(`(?:\bT|\braw)\(\s*(?:ctx|[a-zA-Z.()]+),\s*"([^"]+)"\s*([+,)])`)
	// literal finds ids and beginnings of ids ("edit." + code, `refuse.${code}`) in sources.
	literal = regexp.MustCompile(`["'` + "`" + `]([a-zA-Z][a-zA-Z0-9-]*(?:\.[a-zA-Z0-9-]+)*\.?)(?:["'` + "`" + `]|\$\{)`)
)

// TestTextsAreUsed reads all sources of the repository: an id that code asks for exists, and none stands unused.
func TestTextsAreUsed(t *testing.T) {
	english := catalogue(t, "en")
	used := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "node_modules" || name == "vendor" || name == "testdata" || len(name) > 2 && name[0] == '.' {
				return fs.SkipDir
			}
			return nil
		}
		ext := filepath.Ext(path)
		if ext != ".go" && ext != ".templ" && ext != ".js" || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Dir(path) == "../views" || filepath.Dir(path) == "../handlers" {
			for _, m := range call.FindAllStringSubmatch(string(source), -1) {
				if _, there := english[m[1]]; !there && m[2] != "+" {
					t.Errorf("%s asks for the text %q, which no catalogue has", path, m[1])
				}
			}
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range english {
		if !isUsed(id, used) {
			t.Errorf("the text %q is used nowhere", id)
		}
	}
}

// isUsed says that sources name the id, a beginning of it that ends with a dot, or, for the editor's scripts, the id
// without "editor.".
func isUsed(id string, used map[string]bool) bool {
	if used[id] {
		return true
	}
	for i := strings.LastIndex(id, "."); i > 0; i = strings.LastIndex(id[:i], ".") {
		if used[id[:i+1]] {
			return true
		}
	}
	short, editors := strings.CutPrefix(id, "editor.")
	return editors && isUsed(short, used)
}
