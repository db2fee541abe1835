package module

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CheckAll lists the unmet dependencies of a set of modules, in the order of their ids and in Okapi's texts; Okapi joins
// them by line ends. It is what POST /_/proxy/modules asks of all that would be known then, and DELETE of all that would be
// left. An interface may be provided by several modules here, in several versions, and system and multiple ones count.
func CheckAll(modules map[string]Descriptor) []string {
	return Check(modules, slices.Collect(maps.Keys(modules))...)
}

// Check is CheckAll for some of the modules, all of which must be among them.
func Check(modules map[string]Descriptor, ids ...string) []string {
	all := slices.SortedFunc(maps.Keys(modules), compareIDs)
	var errs []string
	for _, id := range slices.SortedFunc(slices.Values(ids), compareIDs) {
		d := modules[id]
		for _, r := range d.required() {
			errs = append(errs, unmet(d, r, modules, all, false)...)
		}
		for _, r := range regularOnes(d.Optional) {
			errs = append(errs, unmet(d, r, modules, all, true)...)
		}
	}
	return errs
}

// CheckEnabled lists what is wrong with the modules of one tenant: what is required and not there, in a version that does
// not fit, or provided twice.
func CheckEnabled(enabled map[string]Descriptor) []string {
	errs, _ := newPlan(nil, enabled, Options{}).check(false)
	return errs
}

func unmet(d Descriptor, r Reference, modules map[string]Descriptor, all []string, optional bool) []string {
	have := map[string][]string{} // version: ids of the modules that provide it
	for _, id := range all {
		for _, i := range modules[id].Provides {
			if i.ID == r.ID && i.Satisfies(r) {
				return nil
			}
			if i.ID == r.ID {
				have[i.Version] = append(have[i.Version], id)
			}
		}
	}
	if len(have) == 0 && optional {
		return nil
	}
	if len(have) == 0 {
		return []string{fmt.Sprintf("Missing dependency: %s requires %s: %s", d.ID, r.ID, r.Version)}
	}
	var versions []string
	for _, v := range slices.Sorted(maps.Keys(have)) {
		versions = append(versions, v+"/"+strings.Join(have[v], "/"))
	}
	return []string{fmt.Sprintf("Incompatible version for module %s interface %s. Need %s. Have %s",
		d.ID, r.ID, r.Version, strings.Join(versions, " "))}
}
