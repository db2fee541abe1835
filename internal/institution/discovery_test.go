package institution

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cutroom/internal/institution/stubprovider"
)

func TestTheDescriptionIsFetchedAgainAfterAnHour(t *testing.T) {
	t.Parallel()
	f := stubprovider.Forge(t)
	s := &Store{}
	first, err := s.discover(t.Context(), "demo", "Nordfjord", f.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.discover(t.Context(), "demo", "Nordfjord", f.Issuer); err != nil || again != first {
		t.Errorf("at once: another one, %v", err)
	}
	if other, err := s.discover(t.Context(), "other", "Nordfjord", f.Issuer); err != nil || other == first {
		t.Errorf("another tenant has the same, %v", err)
	}
	first.fetched = time.Now().Add(-keepDescription)
	if later, err := s.discover(t.Context(), "demo", "Nordfjord", f.Issuer); err != nil || later == first {
		t.Errorf("after an hour: the same, %v", err)
	}
	if n := len(slices.DeleteFunc(f.Asked, func(path string) bool { return !strings.Contains(path, "well-known") })); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestOnlyProtectedAddressesAreAsked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"https://idp.example/realms/x": true, "http://localhost:80": true, "http://idp.localhost": true, "http://127.0.0.1:5": true, "http://[::1]:5": true,
		"http://idp.example": false, "http://10.0.0.1": false, "http://localhost.evil.example": false, "ftp://localhost": false, "https://": false, "https://user:pass@idp.example": false, "https://idp.example/#x": false,
		"//idp.example": false, "": false, "javascript:alert(1)": false, "https://idp example": false} {
		if _, got := address(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
