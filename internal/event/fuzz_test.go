package event_test

import (
	"testing"

	"cutroom/internal/event"
)

func FuzzParseDateTime(f *testing.F) {
	for _, seed := range []string{"2026-11-22T10:00:00Z", "2026-11-22T10:00:00.250+01:00", "2026-02-30T10:00:00Z", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := event.ParseDateTime(text)
		if !ok {
			return
		}
		again, ok := event.ParseDateTime(event.FormatTime(at))
		if !ok || !again.Equal(at) {
			t.Errorf("%q became %v", text, again)
		}
	})
}
