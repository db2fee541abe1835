package handlers

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cutroom/internal/user"
)

// People of both houses do whatever there is to do, in any order, each with ids of their own house, of the other and of both:
// what one house does leaves the other as it was, and tells nothing of it.
func TestIsolationOfAnyThingsInAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := storeCases()
	maps.DeleteFunc(cases, func(_ string, c storeCase) bool { return c.try == nil })
	methods := slices.Sorted(maps.Keys(cases))
	type requests struct {
		probes map[string][]probe
		guises []guise
		routes []string
	}
	of := map[*house]requests{}
	states := map[*house]map[string]string{}
	for _, h := range []*house{w.alpha, w.beta} {
		probes := w.probes(h, w.other(h))
		of[h] = requests{probes, w.guises(t, h, w.other(h)), slices.Sorted(maps.Keys(probes))}
	}
	look := func() {
		for _, h := range []*house{w.alpha, w.beta} {
			states[h] = w.state(t, h)
		}
	}
	look()
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 3).Draw(rt, "steps") {
			me := rapid.SampledFrom([]*house{w.alpha, w.beta}).Draw(rt, "house")
			them := w.other(me)
			var what string
			if rapid.Bool().Draw(rt, "a request") {
				r := of[me]
				what = rapid.SampledFrom(r.routes).Draw(rt, "route")
				p := rapid.SampledFrom(r.probes[what]).Draw(rt, "probe")
				w.try(t, rapid.SampledFrom(r.guises).Draw(rt, "guise"), what, p, me, them, true)
			} else {
				what = rapid.SampledFrom(methods).Draw(rt, "method")
				who := rapid.SampledFrom([]user.Who{me.ada(), user.System(me.id), {Tenant: me.id, User: "ben", Role: "editor", Roles: []string{user.OwnRole("ben"), user.RoleUser, user.RoleAnonymous}}}).Draw(rt, "who")
				id := rapid.SampledFrom([]string{"shared", me.own(), them.own()}).Draw(rt, "id")
				got, err := cases[what].try(&raid{world: w, ctx: t.Context(), who: who, me: me, them: them, id: id})
				if text := learned(got, err); them.leaks(text, them.own()) {
					t.Errorf("%s of %s with %s told %.500s", what, me.id, id, text)
				}
			}
			w.unchanged(t, them, states[them], fmt.Sprint(what, " of ", me.id))
			states[me] = w.state(t, me)
			if t.Failed() {
				rt.FailNow()
			}
		}
	})
}
