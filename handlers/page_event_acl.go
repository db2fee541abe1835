package handlers

import (
	"net/http"
	"sort"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
	"cutroom/views"
)

// suggestions are how many people a form offers to add.
const suggestions = 100

// eventACL is the card "Who may" of an event.
func (s *Server) eventACL(r *http.Request, e event.Event) (views.ACL, error) {
	return s.aclCard(r, "/events/"+string(e.ID)+"/acl", e.MayWrite, e.ACL)
}

// aclCard shows an access list by names: a row a role, with the most that it may.
func (s *Server) aclCard(r *http.Request, action string, mayEdit bool, acl []event.ACLEntry) (views.ACL, error) {
	who := s.who(r)
	card := views.ACL{Action: action, MayEdit: mayEdit}
	may := map[string]string{}
	for _, one := range acl {
		switch {
		case one.Action == "write":
			may[one.Role] = "edit"
		case one.Action == "read" && may[one.Role] == "":
			may[one.Role] = "watch"
		}
	}
	roles := make([]string, 0, len(may))
	for role := range may {
		roles = append(roles, role)
	}
	called, err := s.Users.RoleNames(r.Context(), who, roles)
	if err != nil {
		return card, err
	}
	called[user.RoleUser] = views.T(r.Context(), "acl.everyoneSignedIn")
	called[user.RoleAnonymous] = views.T(r.Context(), "acl.everyone")
	if mayEdit {
		people, err := s.Users.Search(r.Context(), who, "", suggestions)
		if err != nil && fault.KindOf(err) != fault.Forbidden {
			return card, err
		}
		for _, p := range people {
			card.People = append(card.People, views.Option{Value: p.Name, Text: p.DisplayName})
		}
	}
	for role, most := range may {
		card.Rows = append(card.Rows, views.ACLRow{Role: role, Text: called[role], May: most, You: role == user.OwnRole(who.User)})
	}
	sort.Slice(card.Rows, func(i, j int) bool {
		a, b := card.Rows[i], card.Rows[j]
		if a.May != b.May {
			return a.May == "edit"
		}
		return a.Role < b.Role
	})
	return card, nil
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
	acl := formACL(r.PostForm, e.ACL, s.roleNamed(r))
	e, err = s.Events.PutACL(r.Context(), who, id, acl, r.PostForm.Get("confirm") == "yes")
	return s.aclOutcome(w, r, err, "/events/"+string(id), acl, func() (views.ACL, error) { return s.eventACL(r, e) })
}

// aclOutcome answers with the card: saved, the question whether one's own right may go, or what is wrong.
func (s *Server) aclOutcome(w http.ResponseWriter, r *http.Request, err error, page string, wanted []event.ACLEntry, saved func() (views.ACL, error)) error {
	scripts := r.Header.Get("HX-Request") != ""
	switch kind := fault.KindOf(err); {
	case err == nil && !scripts:
		http.Redirect(w, r, page, http.StatusSeeOther)
		return nil
	case err == nil:
		card, err := saved()
		card.State = "saved"
		if err != nil {
			return err
		}
		return s.render(w, r, http.StatusOK, views.WhoMay(card))
	case !scripts || kind != fault.Conflict && kind != fault.Invalid:
		return err
	}
	card, e := s.aclCard(r, page+"/acl", true, wanted)
	if e != nil {
		return e
	}
	f := s.refusal(r, err)
	card.State, card.Message = "error", toldField(r.Context(), f)
	if f.Kind == fault.Conflict {
		card.State = "confirm"
	}
	return s.render(w, r, f.Kind.Status(), views.WhoMay(card))
}

// roleNamed finds the role that somebody means by what they typed: a person by user name or name, else a role.
func (s *Server) roleNamed(r *http.Request) func(string) string {
	return func(text string) string {
		if strings.HasPrefix(text, "ROLE_") {
			return text
		}
		people, _ := s.Users.Search(r.Context(), s.who(r), text, 20)
		for _, p := range people {
			if strings.EqualFold(p.Name, text) || strings.EqualFold(p.DisplayName, text) {
				return user.OwnRole(p.Name)
			}
		}
		return text
	}
}
