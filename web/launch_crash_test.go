package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// launching is a launch that is under way: the platform's answer to a login, with the cookies that the login gave.
type launching struct {
	client  *http.Client
	address string
	form    url.Values
	cookies []*http.Cookie
}

// begin is a login of a person, as far as the form that their browser brings back.
func (c *campus) begin(who, course, path string) (*launching, error) {
	click := c.click(who, course, path)
	click.Storage = ""
	answer, err := c.Client.Get(c.Tool.Login + "?" + c.LaunchForm(click).Encode())
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusFound {
		return nil, fmt.Errorf("the login of %s: %d %.300s %w", who, answer.StatusCode, text, err)
	}
	l := &launching{client: c.Client, cookies: answer.Cookies()}
	l.address, l.form, err = c.Answer(answer.Header.Get("Location"))
	return l, err
}

// post brings the form to the tool: the answer's status, and what it says.
func (l *launching) post() (status int, text string, err error) {
	r, err := http.NewRequest(http.MethodPost, l.address, strings.NewReader(l.form.Encode()))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	for _, c := range l.cookies {
		r.AddCookie(c)
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header.Get("Location") + " " + string(body), err
}

// count asks the demo's tables.
func (c *crashCluster) count(sql string, args ...any) (n int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.database.DSN())
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		c.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// TestLaunchesOnNodesThatAreKilled: a login on a node that dies is good on the others; of a launch whose node dies under it either
// all is there or nothing, and its form, sent once more, either works or says that it was used. Nobody gets in twice by it.
func TestLaunchesOnNodesThatAreKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nodes are started and killed for some seconds: not with -short")
	}
	s := newSites(t)
	c, processes, nodes := s.cluster(2)
	campus := newCampus(s, c.installation, campusHost, "")

	allAtOnce(t, c, campus, 200)

	// Logins on the second node, which is killed with launches of all phases on it.
	nodes.pin("/lti/login", 1)
	nodes.pin("/lti/launch", 1)
	var under []*launching
	for n := range 40 {
		l, err := campus.begin(fmt.Sprintf("new-killed%d", n), "bio", "/")
		if err != nil {
			t.Fatal(err)
		}
		under = append(under, l)
	}
	var ending sync.WaitGroup
	answered := make([]bool, len(under))
	some := make(chan struct{}, len(under))
	for n, l := range under[:30] { // the others begin to launch after it is dead
		ending.Go(func() {
			status, _, err := l.post()
			answered[n] = err == nil && status < 500
			some <- struct{}{}
		})
	}
	<-some // one is done, others are under way
	if err := processes[1].cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ending.Wait()
	nodes.set(t, processes[0].base)
	var had, came int
	for n, l := range under {
		status, text, err := l.post()
		switch {
		case err != nil:
			t.Fatal(err)
		case status == http.StatusConflict:
			had++
		case status == http.StatusSeeOther:
			came++
		default:
			t.Errorf("launch %d once more: %d %.400s", n, status, text)
		}
		if answered[n] && status != http.StatusConflict {
			t.Errorf("launch %d was answered, and once more with %d", n, status)
		}
		if again, _, err := l.post(); err != nil || again != http.StatusConflict {
			t.Errorf("launch %d for the third time: %d %v", n, again, err)
		}
	}
	t.Logf("%d launches were through when their node was killed, %d came in on the other", had, came)
	for what, sql := range map[string]string{
		"people": "select count(*) from t_demo.person where display_name like 'New new-killed%'", "launches": "select count(*) from t_demo.lti_launch l join t_demo.person p on p.name = l.user_name where p.display_name like 'New new-killed%'",
		"lines of the log": "select count(*) from t_demo.audit_log where action = 'lti.launch' and detail ->> 'sub' like 'new-killed%'",
	} {
		if n := c.count(sql); n != len(under) {
			t.Errorf("%d %s of %d launches", n, what, len(under))
		}
	}
	if n := c.count("select count(*) - count(distinct user_name) from t_demo.session"); n != 0 {
		t.Errorf("%d sessions too many", n)
	}
}

// allAtOnce is a lecture hall of people who were never here and open the same link of their course at once, on two nodes; each of
// their forms goes to both. All get in, once.
func allAtOnce(t *testing.T, c *crashCluster, campus *campus, people int) {
	t.Helper()
	logins := make([]*launching, people)
	inParallel(people, func(n int) {
		l, err := campus.begin(fmt.Sprintf("new-%d", n), "bio", "/")
		if err != nil {
			t.Error(err)
		}
		logins[n] = l
	})
	if t.Failed() {
		t.FailNow()
	}
	statuses := make([]int, 2*people)
	inParallel(2*people, func(n int) {
		status, text, err := logins[n/2].post()
		if err != nil || status >= 500 {
			t.Errorf("launch %d: %d %v %.300s", n, status, err, text)
		}
		statuses[n] = status
	})
	for n := range people {
		if a, b := statuses[2*n], statuses[2*n+1]; (a == http.StatusConflict) == (b == http.StatusConflict) {
			t.Errorf("person %d, whose form went to both nodes: %d and %d", n, a, b)
		}
	}
	for what, sql := range map[string]string{
		"people": "select count(*) from t_demo.person where name <> 'ada'", "identities": "select count(*) from t_demo.identity", "memberships": "select count(*) from t_demo.membership", "launches": "select count(*) from t_demo.lti_launch",
		"sessions": "select count(distinct user_name) from t_demo.session", "sessions in all": "select count(*) from t_demo.session", "uses": "select count(*) from t_demo.lti_login where used_at is not null",
	} {
		if got := c.count(sql); got != people {
			t.Errorf("%d %s of %d people", got, what, people)
		}
	}
	if n := c.count("select count(*) from t_demo.lti_course"); n != 1 {
		t.Errorf("%d courses", n)
	}
}

// inParallel calls a function for each number below n, all at once.
func inParallel(n int, do func(int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}
