package handlers

import (
	"net/http"
	"strings"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/user"
	"cutroom/views"
)

// auditLines are shown at once.
const auditLines = 50

// auditGroups are what the log is filtered by; a new action finds its place by its first word.
var auditGroups = []struct {
	name    string
	actions []string
}{
	{"sign-ins", []string{"sign-in*", "sign-out", "session.*"}},
	{"access", []string{"acl.*"}},
	{"pen", []string{"pen.*"}},
	{"runs", []string{"run.*"}},
	{"installs", []string{"install.*", "upgrade.*", "module.*"}},
	{"settings", []string{"settings.*", "node.*", "provider.*"}},
	{"people", []string{"user.*", "token.*"}},
	{"recordings", []string{"event.*", "series.*"}},
	{"lti", []string{"lti.*"}},
}

// auditPage tells admins who did what, newest first; above the tenants, operators what was done there.
func (s *Server) auditPage(w http.ResponseWriter, r *http.Request) error {
	page := views.AuditPage{Page: s.page(r, "", "")}
	list, status, err := s.auditList(r)
	if err != nil {
		return err
	}
	page.List = list
	for _, g := range auditGroups {
		page.Groups = append(page.Groups, g.name)
	}
	return s.render(w, r, status, views.Audit(page))
}

// auditRows are the lines after those that are shown.
func (s *Server) auditRows(w http.ResponseWriter, r *http.Request) error {
	list, status, err := s.auditList(r)
	if err != nil {
		return err
	}
	return s.render(w, r, status, views.AuditRows(list))
}

// auditList finds the lines that the address asks for. A filter that does not fit is told at its field, and finds nothing.
func (s *Server) auditList(r *http.Request) (views.AuditList, int, error) {
	who := s.who(r)
	if !who.SignedIn() {
		return views.AuditList{}, 0, needSignIn()
	}
	if !who.Admin() {
		return views.AuditList{}, 0, fault.Denied()
	}
	list := views.AuditList{Who: field(r, "who"), What: field(r, "what"), About: field(r, "about"), From: field(r, "from"), Until: field(r, "until"), Wrong: map[string]string{}}
	f, err := s.auditFilter(r, &list)
	if err != nil {
		return list, 0, err
	}
	if len(list.Wrong) > 0 {
		return list, http.StatusUnprocessableEntity, nil
	}
	lines, next, err := s.Users.Audit(r.Context(), who, f, r.FormValue("cursor"), auditLines)
	if err != nil {
		return list, 0, err
	}
	list.Next = next
	list.Rows, err = s.auditWords(r, lines)
	return list, http.StatusOK, err
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.FormValue(name)) }

// auditFilter reads the filter, and writes into list what is wrong with it.
func (s *Server) auditFilter(r *http.Request, list *views.AuditList) (user.AuditFilter, error) {
	ctx := r.Context()
	f := user.AuditFilter{Subject: list.About}
	for name, text := range map[string]string{"who": list.Who, "about": list.About} {
		if strings.ContainsRune(text, 0) || len(text) > 1024 || strings.ToValidUTF8(text, "") != text {
			list.Wrong[name] = views.T(ctx, "audit.wrongText")
		}
	}
	known := list.What == ""
	for _, g := range auditGroups {
		if g.name == list.What {
			f.Actions, known = g.actions, true
		}
	}
	if !known {
		list.Wrong["what"] = views.T(ctx, "audit.wrongWhat")
	}
	var fine bool
	if f.From, fine = dayOf(r, list.From); !fine {
		list.Wrong["from"] = views.T(ctx, "audit.wrongDay")
	}
	if f.Until, fine = dayOf(r, list.Until); !fine {
		list.Wrong["until"] = views.T(ctx, "audit.wrongDay")
	} else if !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1) // the day itself counts
	}
	if len(list.Wrong) == 0 && !f.From.IsZero() && !f.Until.IsZero() && !f.From.Before(f.Until) {
		list.Wrong["until"] = views.T(ctx, "audit.wrongOrder")
	}
	if list.Who == "" || len(list.Wrong) > 0 {
		return f, nil
	}
	var err error
	f.Actor, err = s.actorMeant(r, list.Who)
	return f, err
}

// dayOf reads the beginning of a day in the reader's zone; the zero time when it is empty.
func dayOf(r *http.Request, text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	day, err := time.ParseInLocation(time.DateOnly, text, views.Zone(r.Context()))
	return day, err == nil && day.Year() >= 1 && day.Year() < 9999
}

// actorMeant is the user name of whom a filter means: a user name as it is, else whoever alone is called so.
func (s *Server) actorMeant(r *http.Request, text string) (string, error) {
	ctx, who := r.Context(), s.who(r)
	names, err := s.Users.Names(ctx, who, []string{text})
	if err != nil || names[text] != "" {
		return text, err
	}
	people, err := s.Users.Search(ctx, who, text, 20)
	if err != nil {
		return text, err
	}
	meant := ""
	for _, p := range people {
		if len(people) == 1 || strings.EqualFold(p.DisplayName, text) || strings.EqualFold(p.Name, text) {
			if meant != "" {
				return text, nil
			}
			meant = p.Name
		}
	}
	return orText(meant, text), nil
}
