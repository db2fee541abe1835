package views

import "context"

// ACL is who may watch and edit, saved at once by POST Action with the form fields
//
//	role, may  repeated in pairs, every row of the list: may is watch, edit or none (takes the row away)
//	add        a user name or a role to add, with addMay watch or edit; empty: nobody
//	confirm    "yes": also when it takes one's own right to edit away
//
// With HX-Request the answer is the fragment WhoMay: State saved, error (422) or confirm (409, asks "Take it away");
// without, a redirect or the page.
type ACL struct {
	Action  string // "/events/{id}/acl" or "/series/{id}/acl"
	MayEdit bool
	Rows    []ACLRow
	State   string // "", saved, error, confirm
	Message string // error: the sentence
	People  []Option
	ForNew  bool // a series': "Applies to recordings added from now on."
}

// ACLRow is what one role may.
type ACLRow struct {
	Role string // "ROLE_USER_AMARA"
	Text string // as users read it: "Amara Osei", "Linear Algebra I, students"; empty: Role
	May  string // watch, edit
	You  bool
}

func (r ACLRow) text() string {
	if r.Text != "" {
		return r.Text
	}
	return r.Role
}

// mayOptions are what a role may; with none as a way to take it off the list.
func mayOptions(ctx context.Context, none bool) []Option {
	all := []Option{{"watch", T(ctx, "acl.watch")}, {"edit", T(ctx, "acl.edit")}}
	if none {
		all = append(all, Option{"none", T(ctx, "acl.none")})
	}
	return all
}

func mayText(ctx context.Context, may string) string {
	if may == "edit" {
		return T(ctx, "acl.edit")
	}
	return T(ctx, "acl.watch")
}
