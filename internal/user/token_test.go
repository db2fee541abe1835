package user_test

import (
	"net/netip"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

var address = netip.MustParseAddr("192.0.2.7")

func TestTokens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, secret, err := b.CreateToken(t.Context(), b.who(t, "ben"), "ben", []string{user.ScopeRead}, time.Hour)
	must(t, err)
	if len(secret) != 43 {
		t.Errorf("%d signs are no 256 bits", len(secret))
	}
	who, err := b.WhoByToken(t.Context(), dbtest.Tenant, secret)
	must(t, err)
	if who.User != "ben" || !who.May(user.ScopeRead) || who.May(user.ScopeWrite) {
		t.Errorf("got %+v", who)
	}
	if again, err := b.Again(t.Context(), who); err != nil || again.May(user.ScopeWrite) {
		t.Errorf("again: %+v %v", again, err)
	}
	for _, wrong := range []string{"", "x", secret + "x", made.ID} {
		_, err := b.WhoByToken(t.Context(), dbtest.Tenant, wrong)
		wantKind(t, wrong, err, fault.Unauthorized)
	}
	_, _, err = b.CreateToken(t.Context(), b.admin, "ben", []string{"everything"}, 0)
	wantKind(t, "an unknown scope", err, fault.Invalid)
	_, _, err = b.CreateToken(t.Context(), b.admin, "nobody-here", nil, 0)
	wantKind(t, "an unknown user", err, fault.NotFound)
	wantKind(t, "another's token", b.RevokeToken(t.Context(), b.who(t, "vera"), made.ID), fault.NotFound)
	must(t, b.RevokeToken(t.Context(), b.who(t, "ben"), made.ID))
	if !b.heard.has("session:" + who.Session) {
		t.Error("what lives on the token was not told")
	}
	_, err = b.WhoByToken(t.Context(), dbtest.Tenant, secret)
	wantKind(t, "a revoked one", err, fault.Unauthorized)
	_, old, err := b.CreateToken(t.Context(), b.admin, "ben", nil, time.Hour)
	must(t, err)
	b.exec(t, "update token set expires_at = now() where revoked_at is null")
	_, err = b.WhoByToken(t.Context(), dbtest.Tenant, old)
	wantKind(t, "one that has ended", err, fault.Unauthorized)
}

func TestLinksWorkUntilTheyAreOld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	link, _, err := b.CreateLink(t.Context(), b.admin, "ben")
	must(t, err)
	for range 2 {
		who, err := b.WhoByLink(t.Context(), dbtest.Tenant, link)
		must(t, err)
		if who.User != "ben" {
			t.Errorf("got %s", who.User)
		}
	}
	b.exec(t, "update sign_in_link set expires_at = now()")
	_, err = b.WhoByLink(t.Context(), dbtest.Tenant, link)
	wantKind(t, "an old one", err, fault.Unauthorized)
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.SetPassword(t.Context(), b.admin, "ben", "correct horse"))
	wantKind(t, "a short one", b.SetPassword(t.Context(), b.admin, "ben", "short"), fault.Invalid)
	who, err := b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "correct horse", address)
	must(t, err)
	if who.User != "ben" {
		t.Errorf("got %+v", who)
	}
	texts := map[string]bool{}
	for name, password := range map[string]string{"ben": "wrong horse", "nobody-here": "correct horse", "vera": "", "ada": "correct horse", "": "", "b\x00n": "x", "\xff": "x"} {
		_, err := b.CheckPassword(t.Context(), dbtest.Tenant, name, password, address)
		wantKind(t, name, err, fault.Unauthorized)
		texts[fault.As(err).Text] = true
	}
	if len(texts) != 1 || !texts["User name and password do not match."] {
		t.Errorf("the answers differ: %v", texts)
	}
}

func TestTooManyTriesHaveToWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.SetPassword(t.Context(), b.admin, "ben", "correct horse"))
	for range 8 { // those that work cost nothing
		_, err := b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "correct horse", address)
		must(t, err)
	}
	var last error
	for range 7 {
		_, last = b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "wrong", address)
	}
	wantKind(t, "the seventh wrong one", last, fault.Limited)
	if fault.As(last).Text != "Too many tries. Wait a minute." {
		t.Errorf("says %q", last)
	}
	_, err := b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "correct horse", address)
	wantKind(t, "the right one after these", err, fault.Limited)
	if _, err := b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "correct horse", netip.MustParseAddr("192.0.2.8")); err != nil {
		t.Errorf("the person itself, from elsewhere: %v", err)
	}
}

func TestAnAddressOfIPv6IsItsNetwork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var last error
	for _, ip := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5", "2001:db8::6", "2001:db8::7"} {
		_, last = b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "wrong", netip.MustParseAddr(ip))
	}
	wantKind(t, "the seventh from one network", last, fault.Limited)
	_, err := b.CheckPassword(t.Context(), dbtest.Tenant, "ben", "wrong", netip.MustParseAddr("2001:db8:0:1::1"))
	wantKind(t, "from another network", err, fault.Unauthorized)
}
