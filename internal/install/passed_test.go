package install

import (
	"net/http"
	"testing"
)

// TestPassedHeadersTellNoSecrets: what is passed on to modules is a copy without secrets.
func TestPassedHeadersTellNoSecrets(t *testing.T) {
	t.Parallel()
	h := http.Header{"X-A": {"1"}, "X-Okapi-Token": {"s"}, "X-Okapi-Tenant": {"t"}, "X-Okapi-Url": {"u"}, "X-Okapi-Url-To": {"u"}, "X-Forwarded-For": {"f"}, "X-Real-Ip": {"i"}, "X-Hop": {"h"}, "Connection": {"close, X-HOP"},
		"X-Okapi-Request-Id": {"r"}, "Authorization": {"Bearer s"}, "Cookie": {"c"}}
	got := Passed(h)
	if len(got) != 2 || got.Get("X-A") != "1" || got.Get("X-Okapi-Request-Id") != "r" {
		t.Errorf("passed on: %v", got)
	}
}
