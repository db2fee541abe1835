package lti

import (
	"crypto/rsa"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/dbtest"
)

// kids of what is published and of what signs, at a time.
func (b bundle) kids(t *testing.T, at time.Time) (published []string, signs string) {
	t.Helper()
	b.clock = func() time.Time { return at }
	set, err := b.JWKS(t.Context(), dbtest.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		published = append(published, k.KeyID)
	}
	key, err := b.SigningKey(t.Context(), dbtest.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	signs = key.Key.(jose.JSONWebKey).KeyID
	if !strings.Contains(strings.Join(published, " "), signs) {
		t.Errorf("%v: the key that signs is not published", at)
	}
	return published, signs
}

func TestWhatWeSignIsCheckedByOurPublishedKeys(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	key, err := b.SigningKey(t.Context(), dbtest.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	if signed, err = jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.RS256}); err != nil {
		t.Fatal(err)
	}
	set, err := b.JWKS(t.Context(), dbtest.Tenant)
	if err != nil || len(set.Keys) != 1 {
		t.Fatal(set, err)
	}
	if text, err := signed.Verify(set); err != nil || string(text) != "text" || signed.Signatures[0].Header.KeyID != set.Keys[0].KeyID {
		t.Errorf("%s %v", text, err)
	}
	public, ok := set.Keys[0].Key.(*rsa.PublicKey)
	if !ok || public.N.BitLen() != 2048 || !set.Keys[0].IsPublic() || set.Keys[0].Algorithm != "RS256" || set.Keys[0].Use != "sig" {
		t.Errorf("%+v", set.Keys[0])
	}
	said, err := json.Marshal(set)
	if err != nil || strings.Contains(string(said), `"d":`) {
		t.Errorf("%s %v", said, err)
	}
}

// A next key is published a day before it signs; the one before stays 30 days after it signed last.
func TestKeysTakeTurns(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	begin := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	published, first := b.kids(t, begin)
	if len(published) != 1 {
		t.Fatal(published)
	}
	if again, signs := b.kids(t, begin.Add(88*day)); len(again) != 1 || signs != first {
		t.Errorf("after 88 days: %v, %s signs", again, signs)
	}
	published, signs := b.kids(t, begin.Add(89*day))
	if len(published) != 2 || signs != first {
		t.Errorf("a day before: %v, %s signs", published, signs)
	}
	second := published[0]
	if _, signs := b.kids(t, begin.Add(90*day)); signs != second {
		t.Errorf("after 90 days %s signs", signs)
	}
	if published, _ := b.kids(t, begin.Add(119*day)); len(published) != 2 {
		t.Errorf("the old one went too soon: %v", published)
	}
	if published, _ := b.kids(t, begin.Add(121*day)); len(published) != 1 || published[0] != second {
		t.Errorf("the old one is still there: %v", published)
	}
	published, signs = b.kids(t, begin.Add(400*day)) // nobody asked for months
	if len(published) != 2 || signs != second {
		t.Errorf("after a long silence: %v, %s signs", published, signs)
	}
	if _, signs := b.kids(t, begin.Add(401*day)); signs == second {
		t.Error("the next one does not sign")
	}
}

func TestManyNodesMakeOneKey(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	var nodes sync.WaitGroup
	for range 8 {
		nodes.Go(func() {
			if _, err := b.SigningKey(t.Context(), dbtest.Tenant); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	if set, err := b.JWKS(t.Context(), dbtest.Tenant); err != nil || len(set.Keys) != 1 {
		t.Errorf("%d keys, %v", len(set.Keys), err)
	}
}
