package views

import (
	"context"
	"strings"
)

// ACL is who may watch and edit, saved at once by POST Action with the form fields
//
//	role, may  repeated in pairs, every row of the list: may is watch, edit or none (takes the row away)
//	add        a name, course or role as somebody types it, with addMay watch or edit; it counts with do=add alone, else it
//	           stays as it is: a row may change while somebody types
//	pick       a role to add as it is, with addMay
//	use        "series": the series' list instead of all of these
//	version    of the list that the form shows; another one there now is refused
//	confirm    "yes": also when it takes one's own right to edit away
//
// With HX-Request the answer is the fragment WhoMay: State saved, error (422), choose (422), unknown (422) or confirm (409,
// asks "Take it away"); without, a redirect or the page.
//
// GET Action with the field check, the name of a person, gives the fragment ACLChecked; without HX-Request the page with it.
type ACL struct {
	Action  string // "/events/{id}/acl" or "/series/{id}/acl"
	Page    string // "/events/{id}" or "/series/{id}"
	MayEdit bool
	Rows    []ACLRow
	State   string // "", saved, error, choose, unknown, confirm
	Message string // error: the sentence
	Typed   string // what was typed and not added
	AddMay  string // with which right; "": watch
	Choices []ACLChoice
	ForNew  bool // a series': "Applies to recordings added from now on."
	Version string
	Series  string // the title of the series whose other list may be used here; empty: there is none
	Words   []ACLSentence
	More    bool // more people than are told have a right
	Checked ACLCheck
}

// ACLRow is what one role may.
type ACLRow struct {
	Role  string // "ROLE_USER_AMARA"
	Text  string // as users read it: "Amara Osei", "Linear Algebra I, students"; empty: Role
	May   string // watch, edit
	You   bool
	Yours string // one's own right to edit comes from this row: "only" from it, "also"; else empty
}

// ACLChoice is a role that can be added.
type ACLChoice struct {
	Role string
	Text string // "Ben Example", "Biology 101, students"
	Note string // the user name of a person
}

// ACLSentence tells what somebody may, and why.
type ACLSentence struct {
	Who string   // a person; empty: Text says it all
	May string   // watch, edit, all, none
	Why []string // "by name", "Biology 101, students"
	All string   // instead of all of these, a sentence: "Administrators may do all."
}

// ACLCheck is the answer to "May they?".
type ACLCheck struct {
	Typed     string
	Sentences []ACLSentence
	Error     string // nobody, or several, are called so
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

func (a ACL) addMay() string {
	if a.AddMay == "edit" {
		return "edit"
	}
	return "watch"
}

// many says that the list scrolls by itself.
func (a ACL) many() bool { return len(a.Rows) > 12 }

// failed says that what was typed was not added.
func (a ACL) failed() bool { return a.State == "error" || a.State == "choose" || a.State == "unknown" }

func (s ACLSentence) text(ctx context.Context) string {
	if s.All != "" {
		return s.All
	}
	id := "acl.mayWatch"
	switch s.May {
	case "edit":
		id = "acl.mayEdit"
	case "all":
		id = "acl.mayAll"
	case "none":
		id = "acl.mayNothing"
	}
	return T(ctx, id, "Name", s.Who, "Why", strings.Join(s.Why, "; "))
}

func (a ACL) noteText(ctx context.Context) string {
	if a.ForNew {
		return T(ctx, "acl.forNew")
	}
	return T(ctx, "acl.atOnce")
}
