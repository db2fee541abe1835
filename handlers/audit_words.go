package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/user"
	"cutroom/views"
)

// auditDetail is what a line says beside who, what and whom. Lines of other versions may say it otherwise: whatever is not as
// it is expected is left out.
type auditDetail map[string]any

func (d auditDetail) text(key string) string {
	switch v := d[key].(type) {
	case string:
		return v
	case float64, bool:
		return fmt.Sprint(v)
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, fmt.Sprint(one))
		}
		return strings.Join(all, ", ")
	}
	return ""
}

// titled says what it is about by name.
func (d auditDetail) titled(title string) auditDetail {
	d = maps.Clone(d)
	d["title"] = title
	return d
}

func (d auditDetail) acl(key string) []event.ACLEntry {
	var acl []event.ACLEntry
	raw, err := json.Marshal(d[key])
	if err != nil || json.Unmarshal(raw, &acl) != nil {
		return nil
	}
	return acl
}

// auditWords makes sentences of lines.
func (s *Server) auditWords(r *http.Request, lines []user.AuditEntry) ([]views.AuditRow, error) {
	ctx, who := r.Context(), s.who(r)
	details := make([]auditDetail, len(lines))
	var people, roles []string
	for i, l := range lines {
		if json.Unmarshal(l.Detail, &details[i]) != nil {
			details[i] = auditDetail{}
		}
		people = append(people, l.Actor, l.Subject)
		for _, e := range append(details[i].acl("before"), details[i].acl("after")...) {
			roles = append(roles, e.Role)
		}
	}
	names, err := s.Users.Names(ctx, who, people)
	if err != nil {
		return nil, err
	}
	platforms, err := s.platformsCalled(r, lines)
	if err != nil {
		return nil, err
	}
	called := map[string]string{}
	if len(roles) > 0 {
		if called, err = s.rolesCalled(r, roles); err != nil {
			return nil, err
		}
	}
	rows := make([]views.AuditRow, len(lines))
	for i, l := range lines {
		if strings.HasPrefix(l.Action, "lti.") && details[i] != nil {
			details[i] = details[i].titled(platforms[l.Subject])
		}
		rows[i] = auditRow(r, l, details[i], names, called)
	}
	return rows, nil
}

// platformsCalled is what the learning platforms are called that lines are about.
func (s *Server) platformsCalled(r *http.Request, lines []user.AuditEntry) (map[string]string, error) {
	if s.LTI == nil || !slices.ContainsFunc(lines, func(l user.AuditEntry) bool { return strings.HasPrefix(l.Action, "lti.") }) {
		return nil, nil
	}
	names := map[string]string{}
	platforms, err := s.LTI.List(r.Context(), s.who(r))
	for _, p := range platforms {
		names[string(p.ID)] = p.Name
	}
	return names, err
}

func auditRow(r *http.Request, l user.AuditEntry, d auditDetail, names, called map[string]string) views.AuditRow {
	ctx := r.Context()
	row := views.AuditRow{ID: l.ID, At: l.At, Action: l.Action, Actor: l.Actor, Subject: l.Subject, Raw: indented(l.Detail), Href: auditHref(l, d)}
	actor := orText(names[l.Actor], l.Actor)
	switch l.Actor {
	case "system":
		actor = "Cutroom"
	case "anonymous":
		actor = views.T(ctx, "audit.somebody")
	}
	about := orText(d.text("title"), l.Subject)
	if aboutPeople(l.Action) {
		about = orText(names[l.Subject], l.Subject)
	}
	data := map[string]any{"Who": actor, "About": about, "Role": orText(d.text("role"), d.text("roles")), "Modules": d.text("modules"), "Reason": auditReason(r, d), "Changes": auditChanges(r, l, d),
		"Count": orText(d.text("sessions"), "0"), "Scopes": orText(d.text("scopes"), views.T(ctx, "audit.allScopes"))}
	row.Text = views.T(ctx, auditSentence(l, d), data)
	if row.Text == auditSentence(l, d) {
		data["Action"] = l.Action
		row.Text = views.T(ctx, "audit.other", data)
	}
	if l.Action == "acl.change" {
		row.More = auditACL(r, d, called)
	}
	if n := d.text("leftOut"); n != "" {
		row.More = append(row.More, views.T(ctx, "audit.leftOut", "Count", n))
	}
	return row
}

// auditSentence is the id of a line's text.
func auditSentence(l user.AuditEntry, d auditDetail) string {
	id := "audit.do." + l.Action
	switch l.Action {
	case "session.revoke", "session.revoke-all", "user.password", "token.create", "token.revoke", "sign-in-link.create":
		if (user.Who{User: l.Actor}).Login() == l.Subject {
			return id + "-self"
		}
	case "sign-in":
		switch how := d.text("how"); how {
		case "password", "link", "lti", "oidc":
			return id + "-" + how
		}
	case "sign-in.failed", "user.roles", "lti.refused":
		if l.Subject == "" || l.Action == "user.roles" && d.text("roles") == "" {
			return id + "-none"
		}
	case "settings.change":
		if paused, there := d["jobs.paused"].(bool); there && len(d) == 1 {
			return map[bool]string{true: "audit.do.jobs.pause", false: "audit.do.jobs.resume"}[paused]
		}
	}
	return id
}

// aboutPeople says whether a line's subject is a user name.
func aboutPeople(action string) bool {
	first, _, _ := strings.Cut(action, ".")
	switch first {
	case "user", "token", "session", "sign-in-link", "sign-in", "sign-out":
		return action != "sign-in.refused"
	}
	return false
}

// auditHref leads to what a line is about, where that has a page.
func auditHref(l user.AuditEntry, d auditDetail) string {
	first, verb, _ := strings.Cut(l.Action, ".")
	switch {
	case verb == "purge", l.Action == "event.delete", l.Action == "series.delete":
		return ""
	case first == "run":
		return "/runs/" + l.Subject
	case first == "event", l.Action == "acl.change" && d.text("of") == "event":
		return "/events/" + l.Subject
	case l.Action == "acl.change":
		return "/series/" + l.Subject
	case first == "install", first == "upgrade" && d["modules"] != nil:
		return "/installs/" + l.Subject
	case first == "settings":
		return "/settings"
	case first == "node":
		return "/nodes"
	}
	return ""
}

// auditReason is why something was refused: a fault's text where the line has its id, else what it has.
func auditReason(r *http.Request, d auditDetail) string {
	reason := d.text("reason")
	with, _ := d["with"].(map[string]any)
	if text := views.T(r.Context(), reason, with); text != reason && reason != "" && !strings.Contains(text, "<no value>") {
		return text
	}
	return reason
}

// auditChanges names the settings that a line has, with their values.
func auditChanges(_ *http.Request, l user.AuditEntry, d auditDetail) string {
	if l.Action != "settings.change" {
		return ""
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(d)) {
		all = append(all, key+" = "+d.text(key))
	}
	return strings.Join(all, ", ")
}

// auditACL tells whose right a line gave and took, by name.
func auditACL(r *http.Request, d auditDetail, called map[string]string) (told []string) {
	before, after := mayOf(d.acl("before")), mayOf(d.acl("after"))
	tell := func(id, role string) {
		told = append(told, views.T(r.Context(), id, "Role", orText(called[role], role)))
	}
	for _, role := range slices.Sorted(maps.Keys(after)) {
		tell("audit.acl.gave."+after[role], role)
	}
	for _, role := range slices.Sorted(maps.Keys(before)) {
		if after[role] == "" {
			tell("audit.acl.took."+before[role], role)
		}
	}
	return told
}

func indented(raw json.RawMessage) string {
	var out bytes.Buffer
	if string(raw) == "{}" || json.Indent(&out, raw, "", "  ") != nil {
		return ""
	}
	return out.String()
}
