package handlers

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/user"
	"cutroom/views"
)

// peopleTold are how many people are told by name.
const peopleTold = 50

// aclWords tells who may what by a list, and why: everybody first, then who is known to have one of its roles, then the roles
// that others may come with.
func (s *Server) aclWords(r *http.Request, of aclOf, called map[string]string) (words []views.ACLSentence, more bool, err error) {
	ctx, who := r.Context(), s.who(r)
	may := mayOf(of.acl)
	words = append(words, everybodyMay(r, may)...)
	if of.creator != "" {
		words = append(words, views.ACLSentence{Who: s.name(ctx, who, of.creator), May: "edit", Why: []string{views.T(ctx, "acl.byMaking")}})
	}
	var roles []string
	for _, role := range slices.Sorted(maps.Keys(may)) {
		if role != user.RoleUser && role != user.RoleAnonymous {
			roles = append(roles, role)
		}
	}
	people, err := s.Users.Holders(ctx, who, roles, peopleTold+1)
	if err != nil && fault.KindOf(err) != fault.Forbidden {
		return nil, false, err
	}
	if len(people) > peopleTold {
		people, more = people[:peopleTold], true
	}
	held := map[string]bool{}
	for _, p := range people {
		for _, role := range p.Roles {
			held[role] = true
		}
		words = append(words, s.sentence(r, p.DisplayName, user.OwnRole(p.Name), p.Roles, may, called))
	}
	for _, role := range roles {
		if !held[role] || called[role] != "" && !strings.HasPrefix(role, user.OwnRole("")) { // a course has more people than came so far
			words = append(words, views.ACLSentence{All: views.T(ctx, "acl.roleMay."+may[role], "Role", orText(called[role], role))})
		}
	}
	return words, more, nil
}

// everybodyMay tells what those may whom nobody has named.
func everybodyMay(r *http.Request, may map[string]string) []views.ACLSentence {
	ids := []string{"admins"}
	for _, all := range []struct{ role, watch, edit string }{{user.RoleAnonymous, "everybodyWatch", "everybodyEdit"}, {user.RoleUser, "signedInWatch", "signedInEdit"}} {
		switch may[all.role] {
		case "edit":
			ids = append(ids, all.edit)
		case "watch":
			ids = append(ids, all.watch)
		}
	}
	words := make([]views.ACLSentence, len(ids))
	for i, id := range ids {
		words[i].All = views.T(r.Context(), "acl.all."+id)
	}
	return words
}

// sentence tells the most that somebody may by some roles, and by which of them.
func (s *Server) sentence(r *http.Request, name, own string, roles []string, may, called map[string]string) views.ACLSentence {
	told := views.ACLSentence{Who: name, May: "none"}
	for _, role := range roles {
		switch most := may[role]; {
		case most == "", most == "watch" && told.May == "edit":
			continue
		case most == "edit" && told.May == "watch":
			told.Why = nil
			fallthrough
		default:
			told.May = most
			told.Why = append(told.Why, why(r, role, own, called))
		}
	}
	return told
}

// why is a role as a reason.
func why(r *http.Request, role, own string, called map[string]string) string {
	switch role {
	case own:
		return views.T(r.Context(), "acl.byName")
	case user.RoleUser:
		return views.T(r.Context(), "acl.bySignedIn")
	case user.RoleAnonymous:
		return views.T(r.Context(), "acl.byAll")
	}
	return orText(called[role], role)
}

// aclChecked tells what the person may whom the field check names; the zero value where it is not there.
func (s *Server) aclChecked(r *http.Request, of aclOf, called map[string]string) (views.ACLCheck, error) {
	checked := views.ACLCheck{}
	if !safe(r.Method) {
		return checked, nil
	}
	if checked.Typed = strings.TrimSpace(r.FormValue("check")); checked.Typed == "" {
		return checked, nil
	}
	ctx := r.Context()
	people, err := s.peopleCalled(r, checked.Typed)
	switch {
	case err != nil:
		return checked, err
	case len(people) == 0:
		checked.Error = views.T(ctx, "acl.checkNobody", "Typed", checked.Typed)
		return checked, nil
	case len(people) > 1:
		names := make([]string, len(people))
		for i, p := range people {
			names[i] = p.User
		}
		checked.Error = views.T(ctx, "acl.checkMany", "Typed", checked.Typed, "Names", strings.Join(names, ", "))
		return checked, nil
	}
	p := people[0]
	told := s.sentence(r, p.Name, user.OwnRole(p.User), p.Roles, mayOf(of.acl), called)
	switch {
	case p.Admin():
		told.May = "all"
	case of.creator == p.User:
		told.May, told.Why = "edit", []string{views.T(ctx, "acl.byMaking")}
	}
	checked.Sentences = []views.ACLSentence{told}
	return checked, nil
}

// peopleCalled finds whom a text names: by user name, else by what they are called.
func (s *Server) peopleCalled(r *http.Request, text string) ([]user.Who, error) {
	ctx, who := r.Context(), s.who(r)
	one, err := s.Users.WhoByName(ctx, who.Tenant, text)
	if err == nil {
		return []user.Who{one}, nil
	}
	if fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	found, err := s.Users.Search(ctx, who, text, 20)
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var people []user.Who
	for _, p := range found {
		if !strings.EqualFold(p.DisplayName, text) && len(found) > 1 {
			continue
		}
		one, err := s.Users.WhoByName(ctx, who.Tenant, p.Name)
		if err != nil {
			return nil, err
		}
		people = append(people, one)
	}
	return people, nil
}
