package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"sort"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
	"cutroom/views"
)

// aclOf is an access list on a page: of a recording, or of a series for those that are added to it.
type aclOf struct {
	page     string // "/events/{id}"
	mayEdit  bool
	acl      []event.ACLEntry
	creator  string // of a series, who may always write it
	series   string // title of the series whose other list a recording may get
	ofSeries bool
}

// eventACL is the card "Who may" of an event.
func (s *Server) eventACL(r *http.Request, e event.Event) (views.ACL, error) {
	of, err := s.aclOfEvent(r, e)
	if err != nil {
		return views.ACL{}, err
	}
	return s.aclCard(r, of)
}

func (s *Server) aclOfEvent(r *http.Request, e event.Event) (aclOf, error) {
	of := aclOf{page: "/events/" + string(e.ID), mayEdit: e.MayWrite, acl: e.ACL}
	if !e.MayWrite || e.Series == nil {
		return of, nil
	}
	series, err := s.Events.FindSeries(r.Context(), s.who(r), *e.Series, event.ToRead)
	if fault.KindOf(err) == fault.NotFound { // not to be seen
		return of, nil
	}
	if aclVersion(series.ACL) != aclVersion(e.ACL) {
		of.series = series.Title
	}
	return of, err
}

// aclCard shows an access list by names: a row a role, with the most that it may, and what comes of it.
func (s *Server) aclCard(r *http.Request, of aclOf) (views.ACL, error) {
	who := s.who(r)
	card := views.ACL{Action: of.page + "/acl", Page: of.page, MayEdit: of.mayEdit, ForNew: of.ofSeries, Version: aclVersion(of.acl), Series: of.series}
	may := mayOf(of.acl)
	called, err := s.rolesCalled(r, slices.Sorted(maps.Keys(may)))
	if err != nil {
		return card, err
	}
	mine := 0
	for role, most := range may {
		row := views.ACLRow{Role: role, Text: called[role], May: most, You: role == user.OwnRole(who.User)}
		if most == "edit" && !who.Admin() && who.User != of.creator && who.Has(role) {
			row.Yours = "also"
			mine++
		}
		card.Rows = append(card.Rows, row)
	}
	for i := range card.Rows {
		if card.Rows[i].Yours != "" && mine == 1 {
			card.Rows[i].Yours = "only"
		}
	}
	sort.Slice(card.Rows, func(i, j int) bool {
		a, b := card.Rows[i], card.Rows[j]
		if a.May != b.May {
			return a.May == "edit"
		}
		return a.Role < b.Role
	})
	if !of.mayEdit {
		return card, nil
	}
	if card.Words, card.More, err = s.aclWords(r, of, called); err != nil {
		return card, err
	}
	card.Checked, err = s.aclChecked(r, of, called)
	return card, err
}

// mayOf is the most that each role of a list may: watch or edit.
func mayOf(acl []event.ACLEntry) map[string]string {
	may := map[string]string{}
	for _, one := range acl {
		switch {
		case one.Action == "write":
			may[one.Role] = "edit"
		case one.Action == "read" && may[one.Role] == "":
			may[one.Role] = "watch"
		}
	}
	return may
}

// aclVersion names a list as it is, whatever the order of its entries.
func aclVersion(acl []event.ACLEntry) string {
	lines := make([]string, len(acl))
	for i, e := range acl {
		lines[i] = e.Role + "\x00" + e.Action
	}
	sort.Strings(lines)
	sum := sha256.New()
	for _, line := range lines {
		sum.Write([]byte(line + "\x01"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// saveACL takes the form "Who may" of an event.
func (s *Server) saveACL(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, id := s.who(r), eventOf(r)
	e, err := s.Events.Find(r.Context(), who, id, event.ToWrite)
	if err != nil {
		return err
	}
	of, err := s.aclOfEvent(r, e)
	if err != nil {
		return err
	}
	var usual []event.ACLEntry // the series' list
	if r.PostForm.Get("use") == "series" && e.Series != nil {
		series, err := s.Events.FindSeries(r.Context(), who, *e.Series, event.ToRead)
		if err != nil {
			return err
		}
		usual = series.ACL
	}
	return s.changeACL(w, r, aclForm{of: of, usual: usual, put: func(acl []event.ACLEntry, confirm bool) (aclOf, error) {
		saved, err := s.Events.PutACL(r.Context(), who, id, acl, confirm)
		if err != nil {
			return of, err
		}
		return s.aclOfEvent(r, saved)
	}, draw: func(status int, card views.ACL) error {
		page, err := s.event(r, nil)
		if err != nil {
			return err
		}
		page.ACL = card
		return s.render(w, r, status, views.Event(page))
	}})
}

// checkACL answers who somebody is to the recording: by itself for scripts, else on its page.
func (s *Server) checkACL(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Events.Find(r.Context(), s.who(r), eventOf(r), event.ToWrite)
	if err != nil {
		return err
	}
	of, err := s.aclOfEvent(r, e)
	if err != nil {
		return err
	}
	return s.answerCheck(w, r, of)
}

func (s *Server) answerCheck(w http.ResponseWriter, r *http.Request, of aclOf) error {
	if r.Header.Get("HX-Request") == "" {
		http.Redirect(w, r, of.page+"?"+r.URL.RawQuery+"#acl-checked", http.StatusSeeOther)
		return nil
	}
	called, err := s.rolesCalled(r, slices.Sorted(maps.Keys(mayOf(of.acl))))
	if err != nil {
		return err
	}
	checked, err := s.aclChecked(r, of, called)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.ACLChecked(checked))
}
