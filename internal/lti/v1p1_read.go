package lti

import (
	"net/url"
	"strings"

	"golang.org/x/text/language"

	"cutroom/internal/fault"
)

// read11 takes from a signed form who comes from where, and what they want to see.
func (l *Launch) read11(query, form url.Values) error {
	if v := form.Get("lti_version"); v != "LTI-1p0" && v != "LTI-1p1" {
		return fault.Newf(fault.Malformed, "lti.version-old", "The launch's lti_version is %q. At this address Cutroom takes LTI 1.0 and 1.1 (LTI-1p0).", shown(v)).With(map[string]any{"Version": shown(v)})
	}
	if m := form.Get("lti_message_type"); m != "basic-lti-launch-request" {
		return fault.Newf(fault.Malformed, "lti.message-old", "The launch's lti_message_type is %q. By LTI 1.1 Cutroom takes basic-lti-launch-request alone; choosing recordings needs LTI 1.3.", shown(m)).With(map[string]any{"Message": shown(m)})
	}
	person := form.Get("user_id")
	if person == "" {
		return fault.New(fault.Malformed, "lti.user-missing", "The launch does not say who comes: user_id is missing. Let the learning platform send the user's id to this tool; its privacy settings decide that.")
	}
	house := form.Get("tool_consumer_instance_guid")
	if !identifier(person, mostID) || house != "" && !identifier(house, mostID) {
		return tooLong("user_id", mostID)
	}
	l.Subject = person
	if house != "" {
		l.Subject = url.QueryEscape(house) + ":" + person // one consumer key may serve several platforms, whose ids are alike
	} else {
		house = l.Platform.Key
	}
	l.NewName = "lti:" + house + ":" + person
	if l.Platform.Trusted {
		l.GivenLogin = person
	}
	l.Name = line(name11(form), mostName)
	l.Context, l.Title = form.Get("context_id"), line(firstOf(form.Get("context_title"), form.Get("context_label")), mostName)
	if l.Context != "" && !identifier(l.Context, mostID) {
		return tooLong("context_id", mostID)
	}
	var err error
	if l.Roles, l.Teaches, err = l.Platform.rolesOf(l.Context, splitRoles(form["roles"])); err != nil {
		return err
	}
	l.ReturnURL = returnURL(form.Get("launch_presentation_return_url"))
	l.Framed = form.Get("launch_presentation_document_target") == "iframe"
	return l.place11(custom11(query, form))
}

// place11 decides where a launch leads: by Opencast's custom parameter tool, else by event and view, else to the list.
func (l *Launch) place11(custom url.Values) (err error) {
	var p Place
	if tool := custom.Get("tool"); tool != "" {
		custom.Del("tool")
		p, err = Opencast(tool, custom)
	} else {
		p, err = eventPlace(custom.Get("event"), custom.Get("view"), custom.Get("t"))
	}
	l.Target, l.Event, l.View = p.Path, p.Event, p.View
	return err
}

// custom11 are the custom parameters by their own names, from the launch address too.
func custom11(query, form url.Values) url.Values {
	custom := url.Values{}
	for _, from := range []url.Values{form, query} {
		for name, values := range from {
			if own, ok := strings.CutPrefix(name, "custom_"); ok && own != "" && !custom.Has(own) {
				custom[own] = values
			}
		}
	}
	return custom
}

func name11(form url.Values) string {
	if full := strings.TrimSpace(form.Get("lis_person_name_full")); full != "" {
		return full
	}
	return strings.TrimSpace(form.Get("lis_person_name_given") + " " + form.Get("lis_person_name_family"))
}

// splitRoles takes roles that stand in one text, separated by commas.
func splitRoles(lists []string) []string {
	var roles []string
	for role := range strings.SplitSeq(strings.Join(lists, ","), ",") {
		if role = strings.TrimSpace(role); role != "" {
			roles = append(roles, role)
		}
	}
	return roles
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// locale gives a language as BCP 47 writes it; "" for what is none. Platforms write de_DE too.
func locale(text string) string {
	tag, err := language.Parse(strings.ReplaceAll(strings.TrimSpace(text), "_", "-"))
	if err != nil || len(text) > 64 || tag == language.Und {
		return ""
	}
	return tag.String()
}

// returnURL is a way back that a page may link to; "" for what is none.
func returnURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || len(text) > mostURL || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return ""
	}
	return u.String()
}
