package lti

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/user"
)

const launch11 = "https://demo.example.edu/lti"

// consumer11 is a platform that launches by LTI 1.1: what it signs with, and the store that knows it.
type consumer11 struct {
	*Store
	key, secret string
}

func withConsumer(t *testing.T, n NewPlatform) consumer11 {
	t.Helper()
	sealed, err := seal.New([]byte("a secret of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	db := dbtest.New(t)
	s := &Store{DB: db, Bus: live.Discard{}, Users: user.New(db, live.Discard{}), Seal: sealed}
	n.Version, n.Key = V11, "moodle-key"
	_, secret, err := s.Add(t.Context(), user.System(dbtest.Tenant), n)
	if err != nil {
		t.Fatal(err)
	}
	return consumer11{s, n.Key, secret}
}

// form11 is a launch as Moodle sends it; pairs change it, an empty value takes away.
func (c consumer11) form11(pairs ...string) url.Values {
	form := url.Values{
		"lti_message_type": {"basic-lti-launch-request"}, "lti_version": {"LTI-1p0"}, "resource_link_id": {"7"}, "user_id": {"42"}, "context_id": {"bio 101"}, "context_title": {"Biology 101"},
		"roles": {"Instructor,urn:lti:instrole:ims/lis/Administrator"}, "lis_person_name_full": {"Amara Osei"}, "launch_presentation_locale": {"de_DE"},
		"launch_presentation_return_url": {"https://lms.example/course/7?x=1&y=2"}, "launch_presentation_document_target": {"iframe"},
		"oauth_consumer_key": {c.key}, "oauth_nonce": {"n1"}, "oauth_timestamp": {strconv.FormatInt(time.Now().Unix(), 10)}, "oauth_signature_method": {"HMAC-SHA1"},
		"oauth_version": {"1.0"}, "oauth_callback": {"about:blank"},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if form.Del(pairs[i]); pairs[i+1] != "" {
			form.Set(pairs[i], pairs[i+1])
		}
	}
	return form
}

// signed signs a form as the platform does.
func (c consumer11) signed(t *testing.T, address string, form url.Values) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	made, err := signature("POST", u, form, c.secret, "")
	if err != nil {
		t.Fatal(err)
	}
	form.Set("oauth_signature", made)
	return form
}

func (c consumer11) check(t *testing.T, pairs ...string) (Launch, error) {
	t.Helper()
	return c.Check11(t.Context(), dbtest.Tenant, launch11, c.signed(t, launch11, c.form11(pairs...)))
}

func TestALaunchByLTI11(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{})
	for _, method := range []string{"HMAC-SHA1", "HMAC-SHA256"} {
		l, err := c.check(t, "oauth_signature_method", method, "custom_event", "ev-1", "custom_view", "watch", "custom_t", "62", "tool_consumer_instance_guid", "lms.example")
		if err != nil {
			t.Fatal(method, err)
		}
		if l.Platform.Key != c.key || l.Message != ResourceLink || l.Subject != "lms.example:42" || l.NewName != "lti:lms.example:42" || l.GivenLogin != "" || l.Name != "Amara Osei" || !l.Framed {
			t.Errorf("who: %+v", l)
		}
		if l.Context != "bio 101" || l.Title != "Biology 101" || !slices.Equal(l.Roles, []string{"bio%20101_Instructor"}) || !l.Teaches {
			t.Errorf("from where: %+v", l)
		}
		if l.Event != "ev-1" || l.View != ViewWatch || l.Target != "/events/ev-1/watch?t=62" || l.Locale != "de-DE" || l.ReturnURL != "https://lms.example/course/7?x=1&y=2" {
			t.Errorf("to where: %+v", l)
		}
	}
}

func TestWhoComesByLTI11(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{Trusted: true})
	l, err := c.check(t, "lis_person_name_full", "", "lis_person_name_given", "Amara", "oauth_version", "", "oauth_callback", "", "roles", "", "context_id", "", "launch_presentation_return_url", "javascript:alert(1)", "launch_presentation_locale", "tlh!")
	if err != nil || l.GivenLogin != "42" || l.NewName != "lti:"+c.key+":42" || l.Subject != "42" || l.Name != "Amara" || l.Teaches || len(l.Roles) > 0 || l.ReturnURL != "" || l.Locale != "" || l.Target != "/" {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestLinksOfOpencastByLTI11(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{})
	for tool, want := range map[string]string{
		"/editor-ui/index.html?id=ev-1": "/events/ev-1/edit?lang=de", "/play/ev-1": "/events/ev-1/watch?lang=de", "/ltitools/index.html?subtool=series&series=s1": "/series/s1?lang=de",
	} {
		l, err := c.check(t, "custom_tool", tool, "custom_lang", "de")
		if err != nil || l.Target != want {
			t.Errorf("%s leads to %s, %v", tool, l.Target, err)
		}
	}
	address := launch11 + "?custom_tool=%2Fplay%2Fev-1&a=1"
	l, err := c.Check11(t.Context(), dbtest.Tenant, address, c.signed(t, address, c.form11()))
	if err != nil || l.Target != "/events/ev-1/watch" {
		t.Errorf("in the launch address: %+v, %v", l, err)
	}
}

// TestWhatLTI11Refuses has each check with one launch that fails it alone. All that is signed is signed rightly.
func TestWhatLTI11Refuses(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{})
	at := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
	for name, try := range map[string]struct {
		pairs []string
		id    string
	}{
		"no key":              {[]string{"oauth_consumer_key", ""}, "lti.oauth-missing"},
		"unknown key":         {[]string{"oauth_consumer_key", "other"}, "lti.oauth-signature"},
		"no nonce":            {[]string{"oauth_nonce", ""}, "lti.oauth-missing"},
		"another OAuth":       {[]string{"oauth_version", "2.0"}, "lti.oauth-version"},
		"too old":             {[]string{"oauth_timestamp", at(-window11 - 5*time.Second)}, "lti.oauth-late"},
		"from the future":     {[]string{"oauth_timestamp", at(window11 + 5*time.Second)}, "lti.oauth-late"},
		"no time":             {[]string{"oauth_timestamp", "yesterday"}, "lti.oauth-timestamp"},
		"a time before 1970":  {[]string{"oauth_timestamp", "-1"}, "lti.oauth-timestamp"},
		"another version":     {[]string{"lti_version", "LTI-2p0"}, "lti.version-old"},
		"no version":          {[]string{"lti_version", ""}, "lti.version-old"},
		"another message":     {[]string{"lti_message_type", "ContentItemSelectionRequest"}, "lti.message-old"},
		"nobody":              {[]string{"user_id", ""}, "lti.user-missing"},
		"an unknown tool":     {[]string{"custom_tool", "https://evil.example/"}, "lti.tool"},
		"an impossible event": {[]string{"custom_event", "../x"}, "lti.event"},
		"an unknown view":     {[]string{"custom_event", "x", "custom_view", "delete"}, "lti.view"},
		"a role of ours":      {[]string{"context_id", "ROLE"}, "lti.role-reserved"},
	} {
		l, err := c.check(t, try.pairs...)
		if f := fault.As(err); f == nil || f.ID != try.id || f.Kind.Status() >= 500 {
			t.Errorf("%s: %+v, %v, want %s", name, l, err, try.id)
		}
	}
	for _, fine := range []time.Duration{-window11 + 5*time.Second, window11 - 5*time.Second} {
		if _, err := c.check(t, "oauth_timestamp", at(fine)); err != nil {
			t.Errorf("%v off: %v", fine, err)
		}
	}
}

// TestWrongSignaturesOfLTI11 changes what was signed.
func TestWrongSignaturesOfLTI11(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{})
	for name, change := range map[string]func(url.Values){
		"another role":        func(f url.Values) { f.Set("roles", "Learner") },
		"a role more":         func(f url.Values) { f.Add("roles", "Instructor") },
		"a custom parameter":  func(f url.Values) { f.Set("custom_event", "other") },
		"no signature's sign": func(f url.Values) { f.Set("oauth_signature", strings.ToLower(f.Get("oauth_signature"))) },
		"another nonce":       func(f url.Values) { f.Set("oauth_nonce", "n2") },
		"PLAINTEXT": func(f url.Values) {
			f.Set("oauth_signature_method", "PLAINTEXT")
			f.Set("oauth_signature", c.secret+"&")
		},
		"RSA-SHA1":             func(f url.Values) { f.Set("oauth_signature_method", "RSA-SHA1") },
		"two nonces":           func(f url.Values) { f.Add("oauth_nonce", "n2") },
		"the other's method":   func(f url.Values) { f.Set("oauth_signature_method", "HMAC-SHA256") },
		"an unsigned callback": func(f url.Values) { f.Set("oauth_callback", "https://evil.example") },
	} {
		form := c.signed(t, launch11, c.form11())
		change(form)
		_, err := c.Check11(t.Context(), dbtest.Tenant, launch11, form)
		want := map[string]string{"PLAINTEXT": "lti.oauth-method", "RSA-SHA1": "lti.oauth-method", "two nonces": "lti.oauth-twice"}[name]
		if f := fault.As(err); f == nil || f.ID != firstOf(want, "lti.oauth-signature") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"http://demo.example.edu/lti", "https://other.example.edu/lti", launch11 + "/", launch11 + "?a=1"} {
		if _, err := c.Check11(t.Context(), dbtest.Tenant, address, c.signed(t, launch11, c.form11())); err == nil {
			t.Errorf("a signature for another address than %s is taken", address)
		}
	}
	if _, err := c.Check11(t.Context(), dbtest.Tenant, "https://DEMO.example.edu:443/lti", c.signed(t, launch11, c.form11())); err != nil {
		t.Error("the same address in other words:", err)
	}
	c.secret = ""
	if _, err := c.check(t); err == nil {
		t.Error("an empty secret signs")
	}
}

// TestUnknownKeysAndWrongSignaturesAreAlike: nobody finds out which consumer keys there are.
func TestUnknownKeysAndWrongSignaturesAreAlike(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{})
	_, unknown := c.check(t, "oauth_consumer_key", "nobody's")
	c.secret = "wrong"
	l, wrong := c.check(t)
	if fmt.Sprint(unknown) != fmt.Sprint(wrong) || fault.As(unknown).ID != fault.As(wrong).ID {
		t.Errorf("%v and %v", unknown, wrong)
	}
	if l.Platform.ID == "" || l.Subject != "" {
		t.Errorf("the log hears of %+v", l)
	}
}

func TestANonceIsGoodOnce(t *testing.T) {
	t.Parallel()
	c := withConsumer(t, NewPlatform{})
	l, err := c.check(t)
	if err != nil {
		t.Fatal(err)
	}
	spend := func(l Launch) error {
		return c.DB.Tx(context.WithoutCancel(t.Context()), dbtest.Tenant, func(tx pgx.Tx) error { return l.spendTx(t.Context(), tx) })
	}
	many := make(chan error)
	for range 8 {
		go func() { many <- spend(l) }()
	}
	good := 0
	for range 8 {
		if err := <-many; err == nil {
			good++
		} else if f := fault.As(err); f == nil || f.ID != "lti.used" {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d launches with one nonce", good)
	}
	if l, err = c.check(t, "oauth_nonce", "n2"); err != nil || spend(l) != nil {
		t.Error("another nonce is refused", err)
	}
}
