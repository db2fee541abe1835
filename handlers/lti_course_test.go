package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/tenant"
)

func (c *courseSite) tenantID() tenant.ID { return dbtest.Tenant }

func (c *courseSite) execute(t *testing.T, sql string, args ...any) {
	t.Helper()
	err := c.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// aclOf is who may do what with a recording, each as "action role".
func (c *courseSite) aclOf(t *testing.T, id string) []string {
	t.Helper()
	var all []string
	err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), "select action || ' ' || role from event_acl where event_id = $1", id)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// upload announces a file by tus.
func (v *visitor) upload(pairs ...string) result {
	v.t.Helper()
	return v.ask("POST", uploadsPath, nil, "Tus-Resumable: 1.0.0", "Upload-Length: 5", "Upload-Metadata: "+uploadMetadata(append([]string{"filename", "tides.mp4"}, pairs...)...), "Sec-Fetch-Site: same-origin")
}

// own is the role of whoever launched with this subject.
func (c *courseSite) own(t *testing.T, subject string) string {
	t.Helper()
	var role string
	err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select 'ROLE_USER_' || regexp_replace(upper(user_name), '[^A-Z0-9]', '_', 'g') from identity where subject = $1", subject).Scan(&role)
	})
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func wantACL(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: may\n%s, want\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNewRecordingsAreForTheCourse(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v := c.visitor(t)
	v.launch(c.to("/", stubplatform.Instructor))
	own := c.own(t, "person-1")
	bio := []string{"read " + own, "write " + own, "read bio_Instructor", "write bio_Instructor", "read bio_Learner"}

	if page := v.get("/"); !strings.Contains(page.body, "New recordings are for Biology") {
		t.Error("the page of recordings does not say which course they are for")
	}
	got := v.upload()
	if got.status != http.StatusCreated {
		t.Fatalf("upload: %d %s", got.status, got.body)
	}
	wantACL(t, "an upload", c.aclOf(t, got.header.Get("Cutroom-Event")), bio...)

	wantACL(t, "by the API", c.aclOf(t, v.create(`{"id":"made-1","title":"Made"}`)), bio...)
	wantACL(t, "with an ACL of its own", c.aclOf(t, v.create(`{"id":"made-2","title":"Made","acl":[{"role":"`+own+`","action":"write"}]}`)), "write "+own)

	c.execute(t, "insert into series (id, title, created_by) values ('s1', 'Series', 'amara')")
	c.execute(t, "insert into series_acl (series_id, role, action) values ('s1', 'bio_Instructor', 'read'), ('s1', 'STAFF', 'write')")
	got = v.upload("series", "s1")
	wantACL(t, "into a series", c.aclOf(t, got.header.Get("Cutroom-Event")), "read bio_Instructor", "write STAFF", "read "+own, "write "+own)

	chemistry := c.to("/", stubplatform.Instructor)
	chemistry.Context, chemistry.Title = "chem", "Chemistry"
	v.launch(chemistry)
	if page := v.get("/"); !strings.Contains(page.body, "New recordings are for Chemistry") {
		t.Error("the page still tells the course of the launch before")
	}
	var first string
	if err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select id from lti_launch where context = 'bio' limit 1").Scan(&first)
	}); err != nil {
		t.Fatal(err)
	}
	got = v.upload("launch", first)
	wantACL(t, "for the launch that is named", c.aclOf(t, got.header.Get("Cutroom-Event")), bio...)
	got = v.upload()
	if acl := c.aclOf(t, got.header.Get("Cutroom-Event")); !slices.Contains(acl, "write chem_Instructor") || slices.Contains(acl, "write bio_Instructor") {
		t.Errorf("for the session's launch: %v", acl)
	}
}

// create makes a recording by the API and gives its id.
func (v *visitor) create(body string) string {
	v.t.Helper()
	got := v.askJSON("POST", "/api/v1/events", body)
	if got.status != http.StatusCreated {
		v.t.Fatalf("%s: %d %s", body, got.status, got.body)
	}
	at := got.header.Get("Location")
	return at[strings.LastIndex(at, "/")+1:]
}

func (v *visitor) askJSON(method, path, body string) result {
	v.t.Helper()
	var all []string
	for name, value := range v.cookies {
		all = append(all, name+"="+value)
	}
	return v.call(v.t, nil, method, path, body, "Content-Type: application/json", "Sec-Fetch-Site: same-origin", "Cookie: "+strings.Join(all, "; "))
}

func TestLaunchesOfOthersGiveNoCourse(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	v, other := c.visitor(t), c.visitor(t)
	v.launch(c.to("/", stubplatform.Instructor))
	click := c.to("/", stubplatform.Instructor)
	click.Subject, click.Context = "person-2", ""
	other.launch(click)
	var launch string
	if err := c.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select id from lti_launch where context = 'bio'").Scan(&launch)
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{launch, "none", "../x"} {
		if got := other.upload("launch", name); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "/launch") {
			t.Errorf("launch %s: %d %s", name, got.status, got.body)
		}
	}
	if page := other.get("/"); strings.Contains(page.body, "New recordings are for") {
		t.Error("outside of courses the page names one")
	}
	got := other.upload()
	own := c.own(t, "person-2")
	wantACL(t, "outside of courses", c.aclOf(t, got.header.Get("Cutroom-Event")), "read "+own, "write "+own)

	learner := c.visitor(t)
	click = c.to("/", stubplatform.Learner)
	click.Subject = "person-3"
	learner.launch(click)
	if page := learner.get("/"); strings.Contains(page.body, "New recordings are for") {
		t.Error("a learner is told of uploads")
	}
	if got := learner.upload(); got.status != http.StatusForbidden {
		t.Errorf("a learner uploads: %d", got.status)
	}
}
