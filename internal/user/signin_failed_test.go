package user_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

func TestFailedSignInsAreInTheLogAndCannotFillIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	try := func(name string, n int) {
		t.Helper()
		_, err := b.CheckPassword(t.Context(), dbtest.Tenant, name, "wrong horse", netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)}))
		wantKind(t, name, err, fault.Unauthorized)
	}
	try("ben", 1)
	try("my-secret-password", 2)
	lines := b.lines(t, "sign-in.failed")
	if len(lines) != 2 || lines[1].Subject != "ben" || lines[1].Actor != "anonymous" || string(lines[1].Detail) != `{"address": "192.0.0.1"}` {
		t.Errorf("got %+v", lines)
	}
	if lines[0].Subject != "" {
		t.Errorf("a name that nobody has is in the log: %q", lines[0].Subject)
	}
	for n := range 60 {
		try("guess", 1000+n*256)
	}
	if lines := b.lines(t, "sign-in.failed"); len(lines) > 40 {
		t.Errorf("guessing wrote %d lines", len(lines))
	}
}

func TestSigningOutIsInTheLogAndSigningInAgainIsNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, ben := b.Sessions(), b.who(t, "ben")
	secret, _, err := s.Begin(t.Context(), ben, user.Begin{How: "password"})
	must(t, err)
	again, _, err := s.Begin(t.Context(), ben, user.Begin{Old: secret, How: "password"})
	must(t, err)
	must(t, s.SignOut(t.Context(), dbtest.Tenant, again))
	must(t, s.SignOut(t.Context(), dbtest.Tenant, again))
	if lines := b.lines(t, "sign-out"); len(lines) != 1 || lines[0].Actor != "ben" {
		t.Errorf("got %+v", lines)
	}
	if !b.heard.has("session:" + hashed(again)) {
		t.Error("nobody was told")
	}
}

// lines are those of the log with an action, newest first.
func (b bundle) lines(t *testing.T, action string) []user.AuditEntry {
	t.Helper()
	found, _, err := b.Audit(t.Context(), b.who(t, "ada"), user.AuditFilter{Action: action}, "", 1000)
	must(t, err)
	return found
}

// hashed is a session's id by its secret.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
