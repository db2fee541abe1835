package lti

import (
	"context"
	"slices"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/live"
)

func TestFramesAreThoseOfActivePlatforms(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	want := func(origins ...string) {
		t.Helper()
		if got, err := b.Frames(t.Context(), dbtest.Tenant); err != nil || !slices.Equal(got, origins) {
			t.Errorf("%q %v, want %q", got, err, origins)
		}
	}
	want()
	n := moodle()
	n.AuthURL = "https://sso.example.edu:8443/auth?x=1"
	made, _, err := b.Add(t.Context(), b.admin, n)
	if err != nil {
		t.Fatal(err)
	}
	want("https://moodle.example.edu", "https://sso.example.edu:8443")
	given := []string{"https://pages.example.edu", "http://localhost:9000"}
	if _, err := b.Change(t.Context(), b.admin, made.ID, Change{FrameOrigins: &given}); err != nil {
		t.Fatal(err)
	}
	want("http://localhost:9000", "https://pages.example.edu")
	if err := b.Remove(t.Context(), b.admin, made.ID); err != nil {
		t.Fatal(err)
	}
	want()
}

// A change on one node is seen on another: at once where a notice comes, and soon where none does.
func TestFramesAreFreshOnEveryNode(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	bus := live.New(live.Config{})
	told, alone := &Store{DB: b.DB, Bus: bus}, &Store{DB: b.DB, Bus: live.Discard{}}
	for _, s := range []*Store{told, alone} {
		if frames, err := s.Frames(t.Context(), dbtest.Tenant); err != nil || len(frames) != 0 {
			t.Fatal(frames, err)
		}
	}
	if _, _, err := b.Add(t.Context(), b.admin, moodle()); err != nil {
		t.Fatal(err)
	}
	bus.Publish(live.Notice{Tenant: string(dbtest.Tenant), Topic: "lti"})
	if frames, err := told.Frames(t.Context(), dbtest.Tenant); err != nil || len(frames) != 1 {
		t.Errorf("after a notice: %v %v", frames, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	for {
		frames, err := alone.Frames(ctx, dbtest.Tenant)
		if err != nil {
			t.Fatal("without a notice:", err)
		}
		if len(frames) == 1 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("without a notice: not within two seconds")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestOriginsAreAsBrowsersCompareThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://A.example:443/x?y": "https://a.example", "http://a.example:80": "http://a.example", "https://a.example:8443": "https://a.example:8443",
		"https://bücher.example": "https://xn--bcher-kva.example", "http://127.0.0.1:5": "http://127.0.0.1:5", "https://[::1]/": "", "ftp://a.example": "",
		"https://a.example;x": "", "https://a b.example": "", "https://": "", "//a.example": "", "https://a_b.example": "", "https://*.example": "",
	} {
		if got := Origin(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for host, want := range map[string]bool{"localhost": true, "LOCALHOST.": true, "a.localhost": true, "127.9.9.9": true, "::1": true, "[::1]": true,
		"localhost.example": false, "10.0.0.1": false, "notlocalhost": false, "": false} {
		if Loopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}
