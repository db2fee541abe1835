package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"cutroom/internal/lti"
	"cutroom/internal/lti/stubplatform"
	"cutroom/internal/user"
)

// A platform registers itself, launches once it is approved, and what it began ends with it.
func TestAPlatformFromItsRegistrationToItsRemoval(t *testing.T) {
	t.Parallel()
	c := newCourseSite(t)
	c.LTI.PublicURL = c.Config.PublicURL
	for _, id := range []lti.PlatformID{c.id, c.id11} {
		if err := c.LTI.Remove(t.Context(), c.admin, id); err != nil {
			t.Fatal(err)
		}
	}
	asks := c.visitor(t).get(c.RegisterURL())
	ticket := regexp.MustCompile(`name="ticket" value="([^"]+)"`).FindStringSubmatch(asks.body)
	if asks.status != http.StatusOK || ticket == nil {
		t.Fatalf("%d %s", asks.status, asks.body)
	}
	if got := c.visitor(t).ask("POST", "/lti/register", url.Values{"ticket": {ticket[1]}}); got.status != http.StatusOK || len(c.Registrations()) != 1 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all, err := c.LTI.List(t.Context(), c.admin)
	if err != nil || len(all) != 1 || all[0].Status != lti.Waiting || all[0].ClientID != c.ClientID || all[0].Deployment != c.Deployment {
		t.Fatalf("%+v %v", all, err)
	}
	click := c.to("/events/bio-1/edit", stubplatform.Instructor)
	early := c.visitor(t)
	if got := early.ask("POST", "/lti/login", c.LaunchForm(click)); got.status < 400 || got.status > 499 {
		t.Errorf("before it is approved: %d", got.status)
	}
	if _, err := c.LTI.Approve(t.Context(), c.admin, all[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	v := c.visitor(t)
	if got := v.launch(click); got.header.Get("Location") != "/events/bio-1/edit" {
		t.Fatalf("approved: %d %s", got.status, got.body)
	}
	if got := v.get("/events/bio-1"); got.status != http.StatusOK {
		t.Errorf("the session: %d", got.status)
	}
	if err := c.LTI.Remove(t.Context(), c.admin, all[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := v.get("/events/bio-1"); got.status == http.StatusOK {
		t.Error("the session outlives its platform")
	}
	if got := c.visitor(t).ask("POST", "/lti/login", c.LaunchForm(click)); got.status < 400 || got.status > 499 {
		t.Errorf("after it is removed: %d", got.status)
	}
	for _, action := range []string{"lti.register", "lti.approve", "lti.remove"} {
		entries, _, err := c.Users.Audit(t.Context(), c.admin, user.AuditFilter{Action: action, Subject: string(all[0].ID)}, "", 10)
		if err != nil || len(entries) != 1 {
			t.Errorf("%s: %v %v", action, entries, err)
		}
	}
}
