package install

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
)

// recheckTx looks again at what an install comes to that had to wait: it was resolved by what the tenant had then, and the ones
// before it may have changed that. Where it would leave the tenant with unmet dependencies now, none of it begins.
func (w *work) recheckTx(ctx context.Context, tx pgx.Tx, id ID) error {
	var waited bool
	err := tx.QueryRow(ctx, `select exists (select 1 from install o where o.tenant_id = i.tenant_id and o.id <> i.id and o.end_date > i.start_date)
		from install i where i.id = $1`, id).Scan(&waited)
	if err != nil || !waited {
		return err
	}
	after := w.afterwards()
	ids := slices.Concat(slices.Collect(maps.Values(w.has)), slices.Collect(maps.Values(after)))
	known, err := descriptorsTx(ctx, tx, ids)
	if err != nil {
		return err
	}
	if len(unmet(known, w.has)) > 0 { // it was so before, and not by this install
		return nil
	}
	if errs := unmet(known, after); len(errs) > 0 {
		w.refuse(strings.Join(errs, ". "))
	}
	return nil
}

// afterwards is what the tenant has when all has gone well.
func (w *work) afterwards() map[string]string {
	has := maps.Clone(w.has)
	for _, t := range w.tasks {
		switch {
		case t.action == module.Enable:
			has[t.product] = t.id
		case t.action == module.Disable && has[t.product] == t.id:
			delete(has, t.product)
		}
	}
	return has
}

func unmet(known map[string]module.Descriptor, has map[string]string) []string {
	set := map[string]module.Descriptor{}
	for _, id := range has {
		set[id] = known[id]
	}
	return module.CheckEnabled(set)
}

// refuse ends the install before its first module, which gets the message.
func (w *work) refuse(message string) {
	for i, t := range w.tasks {
		if t.action == module.Enable || t.action == module.Disable {
			w.fail(i, message)
			break
		}
	}
	w.stopped = true
}
