package lti

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheTableOfChecksNamesWhatThereIs reads docs/lti.md: the tests, the cases of tables and the reasons in it stand in the sources, and every
// reason of a refusal by LTI 1.3 stands in it.
func TestTheTableOfChecksNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../../docs/lti.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, code := sources(t, true, ".", "../../handlers"), sources(t, false, ".", "../../handlers", "../user")
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(string(table), -1)
	if len(named) < 50 {
		t.Fatalf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !strings.Contains(tests, "\nfunc "+name[1]+"(") {
			t.Errorf("there is no %s", name[1])
		}
	}
	for _, name := range regexp.MustCompile("“([^”]+)”").FindAllStringSubmatch(string(table), -1) {
		if name[1] != "quotes" && !strings.Contains(tests, `"`+name[1]+`"`) {
			t.Errorf("there is no case %q", name[1])
		}
	}
	for _, id := range regexp.MustCompile("`((?:lti|error)\\.[a-z-]+)`").FindAllStringSubmatch(string(table), -1) {
		if id[1] != "lti.refused" && !strings.Contains(code, `"`+id[1]+`"`) {
			t.Errorf("there is no reason %s", id[1])
		}
	}
	for _, file := range []string{"login_request.go", "login.go", "pending.go", "check.go", "check_message.go", "token.go", "claims.go", "platform_keys.go", "roles.go", "target.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range regexp.MustCompile(`"(lti\.[a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
			if !strings.Contains(string(table), "`"+id[1]+"`") {
				t.Errorf("%s: %s is not in the table", file, id[1])
			}
		}
	}
}

// sources are all Go files of folders as one text: the tests, or the others.
func sources(t *testing.T, tests bool, folders ...string) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") != tests {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}
