package user_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

func TestRolesFollowTheRule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: "jo.Müller"})
	wantKind(t, "a name that is no label", err, fault.Invalid)
	_, err = b.Create(t.Context(), b.admin, user.NewPerson{Name: "jo.b-7", ExtraRoles: []string{"COURSE_1"}})
	must(t, err)
	got := b.who(t, "jo.b-7").Roles
	if want := []string{"ROLE_USER_JO_B_7", "ROLE_USER", "ROLE_ANONYMOUS", "COURSE_1"}; !slices.Equal(got, want) {
		t.Errorf("roles %v, want %v", got, want)
	}
	if got := b.who(t, "ada"); !got.Has(user.RoleAdmin) || !got.Admin() {
		t.Errorf("an admin lacks the role: %v", got.Roles)
	}
}

func TestNobodyGetsTheRoleOfAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: "jo.b"})
	must(t, err)
	for _, name := range []string{"jo_b", "JO-B", "BEN", "ben", "System"} {
		_, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: name})
		if kind := fault.KindOf(err); kind != fault.Conflict && kind != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	var made sync.Map
	var group sync.WaitGroup
	for _, name := range []string{"x.y", "x_y", "x-y", "X.Y"} {
		group.Go(func() {
			if _, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: name}); err == nil {
				made.Store(name, true)
			}
		})
	}
	group.Wait()
	n := 0
	made.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d people with one role were made side by side", n)
	}
}

func TestOnlyAdminsManage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ben := b.who(t, "ben")
	_, err := b.Create(t.Context(), ben, user.NewPerson{Name: "eve"})
	wantKind(t, "create", err, fault.Forbidden)
	_, err = b.List(t.Context(), ben)
	wantKind(t, "list", err, fault.Forbidden)
	_, err = b.Find(t.Context(), ben, "vera")
	wantKind(t, "find", err, fault.Forbidden)
	wantKind(t, "role", b.SetRole(t.Context(), ben, "ben", "admin"), fault.Forbidden)
	wantKind(t, "password", b.SetPassword(t.Context(), ben, "ada", "12345678"), fault.Forbidden)
	_, _, err = b.CreateLink(t.Context(), ben, "ada")
	wantKind(t, "link", err, fault.Forbidden)
	_, _, err = b.CreateToken(t.Context(), ben, "ada", nil, 0)
	wantKind(t, "token", err, fault.Forbidden)
	if _, err := b.Find(t.Context(), ben, "ben"); err != nil {
		t.Errorf("oneself: %v", err)
	}
	_, err = b.Search(t.Context(), b.who(t, "vera"), "ben", 10)
	wantKind(t, "search by a viewer", err, fault.Forbidden)
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wantKind(t, "demote", b.SetRole(t.Context(), b.who(t, "ada"), "ada", "viewer"), fault.Conflict)
	wantKind(t, "disable", b.Disable(t.Context(), b.who(t, "ada"), "ada"), fault.Conflict)
	must(t, b.SetRole(t.Context(), b.admin, "ben", "admin"))
	must(t, b.SetRole(t.Context(), b.admin, "ada", "viewer"))
	if b.who(t, "ada").Admin() {
		t.Error("still an admin")
	}
}

func TestSearchFindsByNamesAndTakesSignsLiterally(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Create(t.Context(), b.admin, user.NewPerson{Name: "q_1", DisplayName: "100% Quirin"})
	must(t, err)
	must(t, b.Disable(t.Context(), b.admin, "vera"))
	for text, want := range map[string]string{"BEN": "ben", "the b": "ben", "%": "q_1", "_": "q_1", "vera": "", `\`: "", "": "ada ben q_1"} {
		found, err := b.Search(t.Context(), b.who(t, "ben"), text, 10)
		must(t, err)
		var names []string
		for _, p := range found {
			names = append(names, p.Name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q found %q, want %q", text, got, want)
		}
	}
}

func TestEnsureLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, err := b.Ensure(t.Context(), b.admin, user.NewPerson{Name: "ben", Role: "admin"})
	if made || err != nil || b.who(t, "ben").Role != "editor" {
		t.Errorf("made %v, %v", made, err)
	}
	made, err = b.Ensure(t.Context(), b.admin, user.NewPerson{Name: "new"})
	if !made || err != nil {
		t.Errorf("made %v, %v", made, err)
	}
	if _, err := b.WhoByName(t.Context(), dbtest.Tenant, "nobody-here"); fault.As(err).Text != "There is no user nobody-here." {
		t.Errorf("got %v", err)
	}
}
