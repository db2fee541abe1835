package install_test

import (
	"fmt"
	"sync"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/live"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

func parse(t *testing.T, raw string) module.Descriptor {
	t.Helper()
	d, err := module.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Adding what requires a module and removing that module at the same time leaves no module without what it requires; what two
// nodes know of the registry is the same at once.
func TestTheRegistryIsChangedOneByOne(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	var nodes [2]*install.Store
	for i := range nodes {
		var err error
		if nodes[i], err = install.New(dbtest.Open(t, dsn), live.Discard{}); err != nil {
			t.Fatal(err)
		}
	}
	olga := user.Who{Tenant: tenant.Operators, User: "operator:olga", Role: user.OperatorRole}
	add := func(s *install.Store, raw string) error {
		return s.AddModules(t.Context(), olga, []module.Descriptor{parse(t, raw)}, true, module.Filter{})
	}
	for round := range 20 {
		base := fmt.Sprintf(`{"id":"base-1.0.%d","provides":[{"id":"b%d","version":"1.0"}]}`, round, round)
		for _, s := range nodes {
			if err := add(s, base); err != nil {
				t.Fatal(err)
			}
		}
		var added, removed error
		var both sync.WaitGroup
		both.Go(func() {
			added = add(nodes[0], fmt.Sprintf(`{"id":"top-1.0.%d","requires":[{"id":"b%d","version":"1.0"}]}`, round, round))
		})
		both.Go(func() { removed = nodes[1].RemoveModule(t.Context(), olga, fmt.Sprintf("base-1.0.%d", round)) })
		both.Wait()
		if (added == nil) == (removed == nil) {
			t.Errorf("round %d: added %v, removed %v", round, added, removed)
		}
		for _, s := range nodes {
			all, err := s.ModulesMap(t.Context())
			if unmet := module.CheckAll(all); err != nil || len(unmet) > 0 {
				t.Errorf("round %d: %v %v", round, unmet, err)
			}
		}
	}
}

// Who is no operator changes nothing.
func TestTheRegistryIsTheOperators(t *testing.T) {
	t.Parallel()
	s, err := install.New(dbtest.New(t), live.Discard{})
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, `{"id":"a-1.0.0"}`)
	for _, who := range []user.Who{{}, user.System(dbtest.Tenant), user.Anonymous(tenant.Operators)} {
		_, discovered := s.AddInstance(t.Context(), who, install.Instance{Module: "a-1.0.0", URL: "http://a"})
		_, forgotten := s.RemoveInstances(t.Context(), who, "", "")
		for what, err := range map[string]error{
			"add": s.AddModules(t.Context(), who, []module.Descriptor{d}, false, module.Filter{}), "remove": s.RemoveModule(t.Context(), who, "a-1.0.0"),
			"discover": discovered, "forget": forgotten,
		} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s by %q: %v", what, who.User, err)
			}
		}
	}
}
