package media

import (
	"os"
	"path/filepath"
	"testing"
)

// fixture is the path of a real clip. The clips lie beside the project in "shared"; without that folder a test is
// skipped, except in CI, where it fails.
func fixture(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		clips := filepath.Join(dir, "shared", "fixtures", "media")
		if _, err := os.Stat(clips); err == nil {
			return filepath.Join(clips, name)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("the folder shared with the real clips is not beside the project")
	}
	t.Skip("skipped: the folder shared with the real clips is not beside the project")
	return ""
}
