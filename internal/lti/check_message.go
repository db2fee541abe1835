package lti

import (
	"slices"

	"cutroom/internal/fault"
)

// mostSubject is how long the id of a person at a platform may be, in bytes.
const mostSubject = 1024

// fill checks what a launch is about (LTI 1.3, 5.3; Deep Linking 2.0, 4.4) and writes it into l, whose Platform is known. loginTarget is the target link
// of the login's begin.
func (c claims) fill(l *Launch, origin, loginTarget string) error {
	if c.Version != version13 {
		return fault.Newf(fault.Invalid, "lti.version", "The launch says LTI version %q. This address takes 1.3.0.", shown(c.Version)).With(map[string]any{"Version": shown(c.Version)})
	}
	if c.Message != ResourceLink && c.Message != DeepLinking {
		return fault.Newf(fault.Invalid, "lti.message", "The learning platform sends a message %q. Cutroom takes resource links and deep linking: correct the placement at the platform.", shown(c.Message)).
			With(map[string]any{"Message": shown(c.Message)})
	}
	if err := c.checkPerson(); err != nil {
		return err
	}
	if err := c.fillTarget(l, origin, loginTarget); err != nil {
		return err
	}
	if err := c.fillCourse(l); err != nil {
		return err
	}
	l.Subject, l.Name, l.Locale, l.ReturnURL = c.Subject, c.Name, locale(c.Locale), returnURL(c.ReturnURL)
	l.MembersURL, l.Framed = returnURL(c.MembersURL), c.Shown == "iframe" || c.Shown == "frame"
	return nil
}

func (c claims) checkPerson() error {
	if !identifier(c.Subject, mostSubject) {
		return fault.New(fault.Invalid, "lti.subject", "The learning platform does not say who you are (sub). Let it send the user's id to this tool: its privacy settings, or a launch without signing in there, leave it out.")
	}
	if !c.HasRoles {
		return fault.New(fault.Invalid, "lti.roles", "The learning platform does not send the roles in the course (the claim roles is missing; an empty list would do). Tell whoever runs the learning platform.")
	}
	if len(c.Roles) > mostRoles || slices.ContainsFunc(c.Roles, func(role string) bool { return len(role) > 1024 }) {
		return tooLong("roles", mostRoles)
	}
	return nil
}

// fillCourse takes the course and what its roles give here.
func (c claims) fillCourse(l *Launch) (err error) {
	if c.Context != "" && !identifier(c.Context, mostID) {
		return tooLong("context.id", mostID)
	}
	l.Context, l.Title = c.Context, c.Title
	l.Roles, l.Teaches, err = l.Platform.rolesOf(c.Context, c.Roles)
	return err
}

// fillTarget compares the target link with the login's and decides where the launch goes.
func (c claims) fillTarget(l *Launch, origin, loginTarget string) error {
	if c.Target == "" {
		return fault.New(fault.Invalid, "lti.target-missing", "The launch has no target link (target_link_uri). Tell whoever runs the learning platform.")
	}
	link, ok := inside(origin, c.Target)
	if !ok || len(c.Target) > mostTarget {
		return outside(origin, c.Target)
	}
	if begun, ok := inside(origin, loginTarget); !ok || !sameTarget(link, begun) {
		return fault.Newf(fault.Forbidden, "lti.target-other", "The launch leads to %s, but its sign-in began for %s. Open the link in the course again; if that does not help, tell whoever runs the learning platform.",
			shown(c.Target), shown(loginTarget)).With(map[string]any{"Got": shown(c.Target), "Want": shown(loginTarget)})
	}
	if c.Message == DeepLinking {
		l.Target = targetDeepLink
		return c.fillLinks(l)
	}
	if !identifier(c.ResourceLink, mostSubject) {
		return fault.New(fault.Invalid, "lti.resource-link", "The launch does not say which link of the course it is (resource_link.id). Tell whoever runs the learning platform.")
	}
	place, err := placeOf(link, c.Custom)
	l.Target, l.Event, l.View = place.Path, place.Event, place.View
	return err
}

// fillLinks takes what the course wants to get. Its return address has to be the platform's own: the answer shows that we wrote it.
func (c claims) fillLinks(l *Launch) error {
	if c.Links == nil || c.Links.ReturnURL == "" || len(c.Links.Types) == 0 || !storable(c.Links.Data) {
		return fault.New(fault.Invalid, "lti.deep-link", "The learning platform asks to choose recordings without saying where the choice goes or what it takes (deep_linking_settings: deep_link_return_url, accept_types). Tell whoever runs the learning platform.")
	}
	c.Links.ReturnURL = returnURL(c.Links.ReturnURL)
	if origin := Origin(c.Links.ReturnURL); origin == "" || !slices.Contains(l.Platform.origins(), origin) {
		return fault.New(fault.Forbidden, "lti.deep-link-return", "The learning platform wants the choice to be sent to an address that is not its own. An administrator can add that address' origin to the platform's frame origins.")
	}
	l.DeepLink = c.Links
	return nil
}
