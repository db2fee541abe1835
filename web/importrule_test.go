package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// importRule is the house's order, as the README's architecture section draws it: a package imports only what stands on a
// line below its own, two on one line do not know each other. web/demo draws the sample lecture for web alone.
var importRule = [][]string{
	{"web"},
	{"web/demo", "web/okapisuite"},
	{"handlers", "jobs"},
	{"views"},
	{"internal/run"},
	{"internal/opencast"},
	{"internal/edit"},
	{"internal/event", "internal/fleet"},
	{"internal/institution", "internal/install", "internal/lti", "internal/presence", "internal/search"},
	{"internal/user", "internal/node"},
	{"internal/dbtest", "internal/install/stubmodule", "internal/institution/stubprovider", "internal/lti/otherplatform", "internal/lti/stubplatform"}, // for tests only
	{"internal/tenant"},
	{"internal/media", "internal/live", "internal/module", "internal/storage"},
	{"internal/fault", "internal/lease", "internal/postgres", "internal/seal"},
	{"migrations", "static"},
}

// testsOnly are packages that no product code may import.
var testsOnly = []string{"internal/dbtest", "internal/install/stubmodule", "internal/institution/stubprovider", "internal/lti/otherplatform", "internal/lti/stubplatform"}

const modulePath = "cutroom"

func TestImportRule(t *testing.T) {
	t.Parallel()
	wrong, err := checkImports(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range wrong {
		t.Error(line)
	}
}

// checkImports parses every Go file of the repository and returns what breaks the rule.
func checkImports(repository fs.FS) ([]string, error) {
	var wrong []string
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != "." || entry.Name() == "node_modules" || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		wrong = append(wrong, checkFile(name, source)...)
		return nil
	})
	return wrong, err
}

func checkFile(name string, source []byte) []string {
	own := path.Dir(name)
	from := lineOf(own)
	if from < 0 {
		return []string{fmt.Sprintf("%s: package %s is not in the import rule: give it a line there and in the README", name, own)}
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return []string{err.Error()}
	}
	isTest := strings.HasSuffix(name, "_test.go")
	var wrong []string
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		imported, ours := strings.CutPrefix(imported, modulePath+"/")
		if !ours || imported == own {
			continue
		}
		switch {
		case lineOf(imported) < 0:
			wrong = append(wrong, fmt.Sprintf("%s imports %s, which is not in the import rule", name, imported))
		case isTest && slices.Contains(testsOnly, imported):
		case slices.Contains(testsOnly, imported):
			wrong = append(wrong, fmt.Sprintf("%s imports %s, which is for tests only", name, imported))
		case lineOf(imported) <= from:
			wrong = append(wrong, fmt.Sprintf("%s imports %s, which does not stand below %s", name, imported, own))
		}
	}
	return wrong
}

// lineOf is the number of a package's line, from the top; -1 when it has none.
func lineOf(name string) int {
	return slices.IndexFunc(importRule, func(line []string) bool { return slices.Contains(line, name) })
}

func TestImportRuleFindsWhatBreaksIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, source, want string }{
		"upwards":         {"internal/tenant/a.go", `package tenant; import "cutroom/internal/event"`, "does not stand below"},
		"beside":          {"handlers/a.go", `package handlers; import "cutroom/jobs"`, "does not stand below"},
		"unlisted":        {"internal/util/a.go", `package util`, "not in the import rule"},
		"imports such":    {"web/a.go", `package main; import "cutroom/internal/util"`, "not in the import rule"},
		"tests only":      {"web/a.go", `package main; import "cutroom/internal/dbtest"`, "for tests only"},
		"test uses it":    {"internal/tenant/a_test.go", `package tenant; import "cutroom/internal/dbtest"`, ""},
		"downwards":       {"internal/event/a.go", `package event; import "cutroom/internal/tenant"`, ""},
		"somebody else's": {"internal/event/a.go", `package event; import "fmt"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := strings.Join(checkFile(c.file, []byte(c.source)), "\n")
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}
