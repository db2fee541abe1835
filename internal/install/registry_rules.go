package install

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/module"
)

// registryFault has a text of Okapi's: programs alone hear it, and they may compare.
func registryFault(kind fault.Kind, format string, args ...any) *fault.Error {
	return fault.Newf(kind, "", format, args...)
}

// newModules gives those of wanted that are not there yet, each once.
func newModules(all map[string]module.Descriptor, wanted []module.Descriptor, check bool) ([]module.Descriptor, error) {
	var fresh []module.Descriptor
	seen := map[string]module.Descriptor{}
	for _, d := range wanted {
		before, there := all[d.ID]
		if !there {
			before, there = seen[d.ID]
		}
		switch {
		case there && check && !sameJSON(before.Raw, d.Raw):
			return nil, registryFault(fault.Invalid, "create: module %s already exists", d.ID)
		case there:
			continue
		case strings.HasPrefix(d.ID, builtInPrefix):
			return nil, registryFault(fault.Invalid, "create: module %s: names that begin with %s are those of built-in modules", d.ID, builtInPrefix)
		}
		seen[d.ID] = d
		fresh = append(fresh, d)
	}
	return fresh, nil
}

// sameJSON says whether two texts hold the same value. The order of keys does not count.
func sameJSON(a, b []byte) bool {
	one, errOne := anyJSON(a)
	two, errTwo := anyJSON(b)
	return errOne == nil && errTwo == nil && reflect.DeepEqual(one, two)
}

func anyJSON(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return v, d.Decode(&v)
}

// unmetWith tells what the new modules lack beside those that are there.
func unmetWith(there map[string]module.Descriptor, fresh []module.Descriptor) string {
	both, ids := maps.Clone(there), make([]string, 0, len(fresh))
	for _, d := range fresh {
		both[d.ID] = d
		ids = append(ids, d.ID)
	}
	return strings.Join(module.Check(both, ids...), "\n")
}

// unmetWithout tells what would lack when one module were gone. What lacks already keeps none from going.
func unmetWithout(there map[string]module.Descriptor, id string) string {
	rest := maps.Clone(there)
	delete(rest, id)
	before := module.CheckAll(there)
	after := slices.DeleteFunc(module.CheckAll(rest), func(line string) bool { return slices.Contains(before, line) })
	return strings.Join(after, "\n")
}

// removable refuses for a module that is built in, that a tenant has, or that an install works on.
func removable(ctx context.Context, tx pgx.Tx, id string) error {
	var builtIn bool
	var users []string
	err := tx.QueryRow(ctx, `select m.built_in, array(
			select t.tenant_id from cutroom.tenant_module t where t.module_id = m.id
			union
			select i.tenant_id from cutroom.install i join cutroom.install_module s on s.install_id = i.id
			where m.id in (s.module_id, s.from_id) and i.state in ('queued', 'dispatched', 'running')
			order by 1 limit 1)
		from cutroom.module m where m.id = $1`, id).Scan(&builtIn, &users)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return registryFault(fault.NotFound, "delete: module %s does not exist", id)
	case err != nil:
		return err
	case builtIn:
		return registryFault(fault.Invalid, "delete: module %s: it is built in", id)
	case len(users) > 0:
		return registryFault(fault.Invalid, "delete: module %s is used by tenant %s", id, users[0])
	}
	return nil
}

func addModule(ctx context.Context, tx pgx.Tx, d module.Descriptor) error {
	id, err := module.ParseID(d.ID)
	if err != nil {
		return registryFault(fault.Invalid, "%s", err)
	}
	if len(d.ID) > 255 {
		return registryFault(fault.Invalid, "create: module id has more than 255 bytes")
	}
	if bytes.Contains(d.Raw, []byte(`\u0000`)) || !utf8.Valid(d.Raw) {
		return registryFault(fault.Invalid, "create: module %s has signs that no text can have", d.ID)
	}
	_, err = tx.Exec(ctx, "insert into cutroom.module (id, product, descriptor) values ($1, $2, $3)", d.ID, id.Product, d.Raw)
	return err
}

// filtered gives those that a filter lets through.
func filtered(all map[string]module.Descriptor, f module.Filter) map[string]module.Descriptor {
	let := make(map[string]module.Descriptor, len(all))
	for id, d := range all {
		if at, err := module.ParseID(id); err == nil && f.Match(at) {
			let[id] = d
		}
	}
	return let
}

// listOf gives modules by id.
func listOf(all map[string]module.Descriptor) []module.Descriptor {
	return slices.SortedFunc(maps.Values(all), func(a, b module.Descriptor) int { return strings.Compare(a.ID, b.ID) })
}
