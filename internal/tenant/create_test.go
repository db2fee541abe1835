package tenant_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

func TestATenantIsMadeChangedAndFound(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Create(t.Context(), "linz", " Linz ", "In Austria", []string{"Edit.JKU.at.", "a.example", "a.example"}); err != nil {
		t.Fatal(err)
	}
	w.whole(t, "linz")
	found, err := w.db.Find(t.Context(), "linz")
	if err != nil || found.Name != "Linz" || found.Description != "In Austria" || !slices.Equal(found.Hosts, []string{"a.example", "edit.jku.at"}) {
		t.Errorf("%+v, %v", found, err)
	}
	if err := w.db.Change(t.Context(), "linz", tenant.Change{Name: new("JKU")}); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Change(t.Context(), "linz", tenant.Change{Hosts: &[]string{"b.example"}}); err != nil {
		t.Fatal(err)
	}
	all, err := w.db.List(t.Context())
	if err != nil || len(all) != 2 || all[1].Name != "JKU" || !slices.Equal(all[1].Hosts, []string{"b.example"}) {
		t.Errorf("%+v, %v", all, err)
	}
	for host, want := range map[string]tenant.ID{"b.example": "linz", "linz.localhost": "linz", "LINZ.localhost": "linz", "demo.localhost": "demo", "a.example": "", "localhost": "", "": ""} {
		if got, _ := tenant.ByHost(all, host, "localhost"); got.ID != want {
			t.Errorf("%q leads to %q instead of %q", host, got.ID, want)
		}
	}
}

func TestWhatIsWrongIsRefusedWithoutATrace(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.db.Change(t.Context(), dbtest.Tenant, tenant.Change{Hosts: &[]string{"demo.example"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id         tenant.ID
		name, host string
		kind       fault.Kind
	}{
		{"Graz", "", "l.example", fault.Invalid}, {"1linz", "", "l.example", fault.Invalid}, {"", "", "l.example", fault.Invalid}, {"li_nz", "", "l.example", fault.Invalid},
		{tenant.ID("a" + strings.Repeat("b", 31)), "", "l.example", fault.Invalid}, {"graz", strings.Repeat("x", 201), "l.example", fault.Invalid},
		{"graz", "", "no host", fault.Invalid}, {"graz", "", "demo.example", fault.Invalid}, {"demo", "", "l.example", fault.Conflict},
		{tenant.Operators, "", "l.example", fault.Invalid},
	} {
		err := w.db.Create(t.Context(), c.id, c.name, "", []string{c.host})
		if fault.KindOf(err) != c.kind || err == nil {
			t.Errorf("%q at %q: %v", c.id, c.host, err)
		}
	}
	if left := w.traces(t, "graz"); len(left) > 0 {
		t.Error(left)
	}
	for _, err := range []error{w.db.Change(t.Context(), "graz", tenant.Change{Name: new("x")}), w.db.StartDelete(t.Context(), "graz", "olga")} {
		if fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	}
	if err := w.db.Change(t.Context(), dbtest.Tenant, tenant.Change{Name: new(" ")}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
	// All of it or nothing: the name stays where a host is taken.
	if err := w.db.Create(t.Context(), "other", "Other", "", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Change(t.Context(), "other", tenant.Change{Name: new("New"), Hosts: &[]string{"demo.example"}}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
	if found, err := w.db.Find(t.Context(), "other"); err != nil || found.Name == "New" {
		t.Errorf("%+v, %v", found, err)
	}
}

// The node dies at each statement: there is nothing of the tenant, or all of it, and the next try ends well.
func TestATenantIsMadeWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, after := range []bool{false, true} {
		for at := int64(1); ; at++ {
			id := tenant.ID(fmt.Sprintf("made%d%t", at, after))
			db, k := w.mortal(t, at, after)
			err := db.Create(t.Context(), id, "", "", []string{string(id) + ".example"})
			if err != nil {
				if left := withoutFolder(w.traces(t, id)); len(left) > 0 {
					if _, there := w.db.Find(t.Context(), id); there != nil {
						t.Fatalf("broken off at statement %d there is %v", at, left)
					}
				}
				if err := w.db.Create(t.Context(), id, "", "", []string{string(id) + ".example"}); err != nil && fault.KindOf(err) != fault.Conflict {
					t.Fatalf("after statement %d was broken off: %v", at, err)
				}
			}
			w.whole(t, id)
			if k.count.Load() < at {
				break
			}
		}
	}
}

// withoutFolder leaves out the tenant's own folder, which a node that dies may leave.
func withoutFolder(traces []string) []string {
	return slices.DeleteFunc(traces, func(s string) bool { return strings.HasPrefix(s, "file: ") })
}

func TestOfManyWhoMakeATenantAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var made sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		made.Go(func() { errs[i] = w.db.Create(t.Context(), "linz", "", "", nil) })
	}
	made.Wait()
	good := 0
	for _, err := range errs {
		switch {
		case err == nil:
			good++
		case fault.KindOf(err) != fault.Conflict:
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d made it: %v", good, errors.Join(errs...))
	}
}
