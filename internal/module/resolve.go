package module

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Options of a resolution, with Okapi's names.
type Options struct {
	DepCheck  bool // false: nothing but what is listed, in the order of the list
	Reinstall bool // enable again what is enabled at the same version already
	Filter    Filter
}

// Resolve works out what an install comes to: the wanted modules and all that must be enabled, upgraded or disabled with them,
// in an order that works. The rules are told in the package's documentation. The maps are by module id and stay as they are;
// the filter narrows only what is available. The error says all that is wrong, in Okapi's texts joined by ". ", and
// is always the asker's mistake.
func Resolve(available, enabled map[string]Descriptor, wanted []TenantModule, o Options) ([]TenantModule, error) {
	p := newPlan(available, enabled, o)
	if errs := p.list(wanted, o.Reinstall); len(errs) > 0 {
		return nil, refusal(errs)
	}
	if !o.DepCheck {
		return p.result(p.entries), nil
	}
	if errs := p.settle(); len(errs) > 0 {
		return nil, refusal(errs)
	}
	ordered, err := p.order(enabled)
	if err != nil {
		return nil, err
	}
	return p.result(ordered), nil
}

func refusal(errs []string) error { return errors.New(strings.Join(errs, ". ")) }

// plan is a resolution under way.
type plan struct {
	known   map[string]Descriptor // all that may be chosen, and what the tenant has
	ids     map[string]ID         // of the known
	now     map[string]Descriptor // what the tenant will have
	given   map[string]bool       // ids that stay: those listed, and those brought in for them
	gone    map[string]bool       // products that the list disables, which are not brought in again
	entries []entry               // in the order they came up

	byInterface map[string][]string // see providers
}

// entry is one line of the outcome.
type entry struct {
	TenantModule

	after  string // for one disabled because of another module: that module's id, which is enabled first
	listed bool   // it was asked for
}

func newPlan(available, enabled map[string]Descriptor, o Options) *plan {
	p := &plan{
		known: make(map[string]Descriptor, len(available)),
		ids:   make(map[string]ID, len(available)),
		now:   maps.Clone(enabled),
		given: map[string]bool{},
		gone:  map[string]bool{},
	}
	if p.now == nil {
		p.now = map[string]Descriptor{}
	}
	for id, d := range available {
		if parsedID := parsed(id); o.Filter.Match(parsedID) {
			p.known[id], p.ids[id] = d, parsedID
		}
	}
	for id, d := range enabled {
		p.known[id], p.ids[id] = d, parsed(id)
	}
	return p
}

// list takes the wanted modules one by one: names become ids, and what is enabled already is up to date.
func (p *plan) list(wanted []TenantModule, reinstall bool) []string {
	var errs []string
	for _, w := range wanted {
		e := entry{TenantModule: TenantModule{ID: w.ID, Action: w.Action}, listed: true}
		id, err := ParseID(w.ID)
		if err == nil {
			switch w.Action {
			case Enable, "":
				err = p.listEnable(&e, id, reinstall)
			case Disable:
				err = p.listDisable(&e, id)
			case UpToDate, Suggest, Conflict: // nothing to do, and told so
			default:
				err = fmt.Errorf("Not implemented: action = %s", w.Action)
			}
		}
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		p.entries = append(p.entries, e)
	}
	return errs
}

func (p *plan) listEnable(e *entry, id ID, reinstall bool) error {
	e.Action = Enable
	if !id.HasVersion() {
		e.ID = p.newest(id.Product, p.known, e.ID)
	}
	d, ok := p.known[e.ID]
	if !ok {
		return fmt.Errorf("Module %s not found", e.ID)
	}
	_, enabled := p.now[e.ID]
	if enabled && (!reinstall || p.given[e.ID]) {
		e.Action = UpToDate
		p.given[e.ID] = true
		return nil
	}
	if other := p.version(id.Product); other != "" {
		if other != e.ID && p.given[other] {
			return cannotRemove(other)
		}
		delete(p.now, other)
		e.From = other
	}
	p.now[e.ID] = d
	p.given[e.ID] = true
	return nil
}

func cannotRemove(id string) error {
	return fmt.Errorf("Cannot remove module %s which is explicitly given", id)
}

func (p *plan) listDisable(e *entry, id ID) error {
	if !id.HasVersion() {
		e.ID = p.newest(id.Product, p.now, e.ID)
	}
	if _, ok := p.now[e.ID]; !ok {
		return fmt.Errorf("Module %s not found", e.ID)
	}
	delete(p.now, e.ID)
	p.gone[id.Product] = true
	return nil
}

// newest finds the newest module of the product, or gives the other id when there is none.
func (p *plan) newest(product string, in map[string]Descriptor, otherwise string) string {
	best := ""
	for id := range in {
		if p.ids[id].Product == product && (best == "" || p.compare(id, best) > 0) {
			best = id
		}
	}
	if best == "" {
		return otherwise
	}
	return best
}

// version finds the one that the tenant will have of the product; "" when it will have none.
func (p *plan) version(product string) string { return p.newest(product, p.now, "") }

func (p *plan) compare(a, b string) int {
	if c := p.ids[a].Compare(p.ids[b]); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func (p *plan) result(entries []entry) []TenantModule {
	out := make([]TenantModule, 0, len(entries))
	for _, e := range entries {
		out = append(out, e.TenantModule)
	}
	return out
}
