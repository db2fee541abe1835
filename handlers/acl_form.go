package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/views"
)

// aclForm is the form "Who may" of something; see views.ACL.
type aclForm struct {
	of    aclOf
	usual []event.ACLEntry // the list that "use" asks for; nil: it does not
	put   func(acl []event.ACLEntry, confirm bool) (aclOf, error)
	draw  func(status int, card views.ACL) error // the whole page, for browsers without scripts
}

// changeACL reads the form, saves the list, and answers with the card: saved, what is wrong, or what has to be asked first.
func (s *Server) changeACL(w http.ResponseWriter, r *http.Request, f aclForm) error {
	form := r.PostForm
	if was := form.Get("version"); was != "" && was != aclVersion(f.of.acl) {
		return s.drawACL(w, r, f, f.of, http.StatusPreconditionFailed, func(c *views.ACL) {
			c.State, c.Message = "error", views.T(r.Context(), "acl.changed")
		})
	}
	if err := checkACLForm(form, f); err != nil {
		return err
	}
	of, typed := f.of, strings.TrimSpace(form.Get("add"))
	of.acl = formACL(form, f.of.acl)
	switch pick := form.Get("pick"); {
	case f.usual != nil:
		of.acl = f.usual
	case pick != "":
		of.acl = withRole(of.acl, pick, form.Get("addMay"))
	case typed != "" && form.Get("do") == "add":
		role, choices, err := s.roleMeant(r, typed)
		if err != nil {
			return err
		}
		if role == "" {
			return s.drawACL(w, r, f, of, http.StatusUnprocessableEntity, func(c *views.ACL) {
				c.State, c.Typed, c.AddMay, c.Choices, c.Version = "choose", typed, form.Get("addMay"), choices, aclVersion(f.of.acl)
				if choices == nil {
					c.State, c.Choices = "unknown", []views.ACLChoice{{Role: typed, Text: typed}}
				}
			})
		}
		of.acl = withRole(of.acl, role, form.Get("addMay"))
	}
	saved, err := f.put(of.acl, form.Get("confirm") == "yes")
	switch kind := fault.KindOf(err); {
	case err == nil && r.Header.Get("HX-Request") == "":
		http.Redirect(w, r, f.of.page, http.StatusSeeOther)
		return nil
	case err == nil:
		return s.drawACL(w, r, f, saved, http.StatusOK, func(c *views.ACL) {
			c.State = "saved"
			if form.Get("do") == "" && form.Get("pick") == "" {
				c.Typed, c.AddMay = typed, form.Get("addMay")
			}
		})
	case kind != fault.Conflict && kind != fault.Invalid:
		return err
	}
	told := s.refusal(r, err)
	return s.drawACL(w, r, f, of, told.Kind.Status(), func(c *views.ACL) {
		c.State, c.Message, c.Version = "error", toldField(r.Context(), told), aclVersion(f.of.acl)
		if told.Kind == fault.Conflict {
			c.State = "confirm"
		}
	})
}

// checkACLForm refuses a form that is not whole, before what it lacks is taken for a right that goes: the page's own form has a version, a
// row for each role, and a right for each row.
func checkACLForm(form url.Values, f aclForm) error {
	rows, rights := form["role"], form["may"]
	whole := len(rows) == len(rights) && (len(rows) > 0 || len(f.of.acl) == 0 || f.usual != nil || form.Get("version") != "")
	for _, may := range rights {
		whole = whole && slices.Contains([]string{"watch", "edit", "none"}, may)
	}
	if may := form.Get("addMay"); !whole || !slices.Contains([]string{"", "watch", "edit"}, may) {
		return fault.New(fault.Invalid, "error.acl-form", "This list did not arrive whole, so nothing was saved. Load the page again: each row has to say watch, edit or none.")
	}
	return nil
}

// drawACL draws the card as a fragment, or in its page.
func (s *Server) drawACL(w http.ResponseWriter, r *http.Request, f aclForm, of aclOf, status int, change func(*views.ACL)) error {
	card, err := s.aclCard(r, of)
	if err != nil {
		return err
	}
	change(&card)
	if r.Header.Get("HX-Request") == "" {
		return f.draw(status, card)
	}
	return s.render(w, r, status, views.WhoMay(card))
}

// formACL reads the rows of the form. Actions that it does not know stay as they are.
func formACL(form url.Values, now []event.ACLEntry) []event.ACLEntry {
	acl, may := []event.ACLEntry{}, form["may"]
	for i, role := range form["role"] {
		if i < len(may) {
			acl = withRole(acl, role, may[i])
		}
	}
	for _, one := range now {
		if one.Action != "read" && one.Action != "write" {
			acl = append(acl, one)
		}
	}
	return acl
}

// withRole gives a role a right: watch, edit, or anything else for none.
func withRole(acl []event.ACLEntry, role, may string) []event.ACLEntry {
	for _, action := range map[string][]string{"watch": {"read"}, "edit": {"read", "write"}}[may] {
		if one := (event.ACLEntry{Role: role, Action: action}); !slices.Contains(acl, one) {
			acl = append(acl, one)
		}
	}
	return acl
}
