package media

import (
	"bytes"
	"os/exec"
	"testing"
)

// ff makes a clip for a test; it returns what ffmpeg wrote to stdout.
func ff(t testing.TB, args ...string) []byte {
	t.Helper()
	return ffWith(t, nil, args...)
}

func ffWith(t testing.TB, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-hide_banner", "-v", "error", "-y"}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v: %s", args, err, stderr.String())
	}
	return out
}
