//go:build bench

package main

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/lti/stubplatform"
)

// launches measures launches on one node with 100,000 nonces in the table: the people come from 8 browsers at once, each person 20 times.
func (b *bench) launches(i *installation) {
	platform := stubplatform.New()
	b.t.Cleanup(platform.Close)
	platform.Tool = stubplatform.ToolAt(i.base)
	platform.UseKeys(stubplatform.ECKey("bench")) // signing it must not be what is measured
	_, errs, code := i.cutroom("lti", "add", "--tenant", "demo", "--issuer", platform.URL, "--client-id", platform.ClientID, "--deployment", platform.Deployment,
		"--auth-url", platform.AuthURL(), "--jwks-url", platform.JWKSURL())
	if code != 0 {
		b.t.Fatal(errs)
	}
	secret, errs, code := i.cutroom("lti", "add", "--tenant", "demo", "--v1p1", "--key", platform.ConsumerKey, "--role-prefix", "old_")
	if code != 0 {
		b.t.Fatal(errs)
	}
	platform.Secret = strings.TrimSpace(secret)
	fillNonces(b.t, i)

	browsers, each := 8, 250
	measure := func(name string, do func(client *http.Client, n int) (login, launch time.Duration)) {
		var mu sync.Mutex
		var logins, entries []time.Duration
		begun := time.Now()
		var all sync.WaitGroup
		for k := range browsers {
			all.Go(func() {
				client := launchClient(b.t)
				for n := range each {
					login, launch := do(client, k*each+n)
					mu.Lock()
					logins, entries = append(logins, login), append(entries, launch)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		took := time.Since(begun)
		b.add("launches, "+name, float64(browsers*each)/took.Seconds(), "1/s", fmt.Sprintf("%d browsers, 100,000 nonces; the platform signs on the same machine", browsers))
		if logins[0] > 0 {
			b.spread("launches, "+name+", /lti/login", logins)
		}
		b.spread("launches, "+name+", the form to the redirect", entries)
	}
	person := func(n int) string { return fmt.Sprintf("bench-%d", n%100) }
	measure("LTI 1.3", func(client *http.Client, n int) (time.Duration, time.Duration) {
		form := platform.LaunchForm(stubplatform.Click{Target: i.base + "/", Subject: person(n), Name: "Person " + person(n), Context: fmt.Sprint("course-", n%20),
			Roles: []string{"http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"}})
		begun := time.Now()
		answer := redirected(b.t, client, http.MethodGet, i.base+"/lti/login?"+form.Encode(), nil)
		login := time.Since(begun)
		address, launch, err := platform.Answer(answer.Header.Get("Location"))
		if err != nil {
			b.t.Error(err)
			return login, 0
		}
		for _, cookie := range answer.Cookies() { // browsers send these to localhost, Go's jar does not
			launch.Set(cookieHeader, cookie.Name+"="+cookie.Value)
		}
		begun = time.Now()
		redirected(b.t, client, http.MethodPost, address, launch)
		return login, time.Since(begun)
	})
	measure("LTI 1.1", func(client *http.Client, n int) (time.Duration, time.Duration) {
		form := platform.Launch11(i.base+"/lti", map[string]string{"user_id": person(n), "context_id": fmt.Sprint("course-", n%20)})
		begun := time.Now()
		redirected(b.t, client, http.MethodPost, i.base+"/lti", form)
		return 0, time.Since(begun)
	})
}

// cookieHeader carries a cookie beside a form, until redirected makes a header of it.
const cookieHeader = "\x00cookie"

func launchClient(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Error(err)
	}
	return &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 2}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// redirected asks and wants to be sent elsewhere.
func redirected(t *testing.T, client *http.Client, method, address string, form url.Values) *http.Response {
	cookie := form.Get(cookieHeader)
	form.Del(cookieHeader)
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Error(err)
		return &http.Response{Header: http.Header{}}
	}
	_ = answer.Body.Close()
	if answer.StatusCode/100 != 3 {
		t.Errorf("%s %s: %d", method, strings.Split(address, "?")[0], answer.StatusCode)
	}
	return answer
}

// fillNonces puts 100,000 logins and as many nonces of LTI 1.1 into the demo's tables, none of them too old to be swept.
func fillNonces(t *testing.T, i *installation) {
	t.Helper()
	c, err := readConfig(i.environ())
	if err == nil {
		c, err = c.withDev()
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), c.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // the test is over
	for _, sql := range []string{
		`insert into t_demo.lti_login (state, platform_id, nonce, browser, target, expires_at, used_at)
			select sha256(('state ' || n)::bytea), p.id, 'nonce ' || n, sha256(n::text::bytea), 'http://x/', now() + interval '1 hour', case when n % 2 = 0 then now() end
			from generate_series(1, 100000) n, (select id from t_demo.lti_platform where version = '1.3') p`,
		`insert into t_demo.lti_nonce (platform_id, nonce, expires_at) select p.id, sha256(n::text::bytea), now() + interval '1 hour'
			from generate_series(1, 100000) n, (select id from t_demo.lti_platform where version = '1.1') p`,
		"analyze t_demo.lti_login", "analyze t_demo.lti_nonce",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}
