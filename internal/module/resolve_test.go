package module

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// registry is what most of the tables choose from.
const registry = `
a-1.0.0 +int=1.0
a-1.1.0 +int=1.1
a-2.0.0 +int=2.0
b-1.0.0 +int=1.0
c-1.0.0 +int=1.1
d-1.0.0 ?int=1.0
d-1.1.0 ?int=1.1
d-2.0.0 ?int=2.0
e-1.0.0 int=1.0
e-1.1.0 int=1.1
e-2.0.0 int=2.0
st-1.0.0 +st=1.0
st-1.0.1 +st=2.0
ot-1.0.0 st=1.0
ot-1.0.1 st=2.0
p-1.0.0 +p=1.0
q-1.0.0 p=1.0 +q=1.0
r-1.0.0 q=1.0
s-1.0.0 p=1.0|2.0 +s=1.0
t-1.0.0 s=1.0
x-1.0.0
y-1.0.0
y-1.1.0-SNAPSHOT.4
y-1.1.1000123
`

type resolveCase struct {
	name      string
	registry  string // more modules, or others under the same id
	available string // only these; "" for all
	enabled   string
	wanted    string
	options   Options
	want      string
	err       string
}

func TestResolve(t *testing.T) {
	check := Options{DepCheck: true}
	again := Options{DepCheck: true, Reinstall: true}
	cases := []resolveCase{
		{name: "nothing wanted", options: check},
		{name: "enable", wanted: "p-1.0.0", options: check, want: "p-1.0.0"},
		{name: "uptodate", enabled: "p-1.0.0", wanted: "p-1.0.0", options: check, want: "=p-1.0.0"},
		{name: "uptodate by product", enabled: "a-2.0.0", wanted: "a", options: check, want: "=a-2.0.0"},
		{name: "reinstall", enabled: "p-1.0.0", wanted: "p-1.0.0", options: again, want: "p-1.0.0<p-1.0.0"},
		{name: "reinstall what is new", wanted: "p-1.0.0", options: again, want: "p-1.0.0"},
		{name: "reinstall mentioned twice", enabled: "p-1.0.0", wanted: "p, p-1.0.0", options: again, want: "p-1.0.0<p-1.0.0, =p-1.0.0"},
		{name: "mentioned twice", wanted: "p-1.0.0, p-1.0.0", options: check, want: "p-1.0.0, =p-1.0.0"},
		{name: "mentioned twice, enabled", enabled: "p-1.0.0", wanted: "p-1.0.0, p", options: check, want: "=p-1.0.0, =p-1.0.0"},
		{name: "told uptodate", wanted: "=p-1.0.0", options: check, want: "=p-1.0.0"},
		{name: "suggestion passes through", wanted: "e-1.0.0, !p-1.0.0", available: "a-1.0.0 e-1.0.0", options: check, want: "!p-1.0.0, a-1.0.0, e-1.0.0"},

		{name: "product is the newest", wanted: "a", options: check, want: "a-2.0.0"},
		{name: "without pre-releases", wanted: "y", options: Options{DepCheck: true, Filter: Filter{PreRelease: "false"}}, want: "y-1.1.1000123"},
		{name: "without npm snapshots", wanted: "y", options: Options{DepCheck: true, Filter: Filter{NpmSnapshot: "false"}}, want: "y-1.1.0-SNAPSHOT.4"},
		{name: "releases alone", wanted: "y", options: Options{DepCheck: true, Filter: Filter{PreRelease: "false", NpmSnapshot: "false"}}, want: "y-1.0.0"},
		{name: "pre-releases only", wanted: "y", options: Options{DepCheck: true, Filter: Filter{PreRelease: "only", NpmSnapshot: "false"}}, want: "y-1.1.0-SNAPSHOT.4"},
		{name: "only one sort, which lets the other pass", wanted: "y", options: Options{DepCheck: true, Filter: Filter{PreRelease: "only"}}, want: "y-1.1.1000123"},
		{name: "filtered away", wanted: "y-1.1.0-SNAPSHOT.4", options: Options{DepCheck: true, Filter: Filter{PreRelease: "false"}}, err: "Module y-1.1.0-SNAPSHOT.4 not found"},
		{name: "what is enabled is never filtered away", enabled: "y-1.1.1000123", wanted: "y", options: Options{DepCheck: true, Filter: Filter{PreRelease: "false", NpmSnapshot: "false"}}, want: "=y-1.1.1000123"},

		{name: "unknown", wanted: "z-1.0.0", options: check, err: "Module z-1.0.0 not found"},
		{name: "unknown product", wanted: "z", options: check, err: "Module z not found"},
		{name: "several unknown", wanted: "z, p, z-1.0.0, -x", options: check, err: "Module z not found. Module z-1.0.0 not found. Module x not found"},
		{name: "disable what is not enabled", wanted: "-a-1.0.0", options: check, err: "Module a-1.0.0 not found"},
		{name: "disable what is unknown", wanted: "-z-1.0.0", options: check, err: "Module z-1.0.0 not found"},
		{name: "disable another version", enabled: "a-1.1.0", wanted: "-a-1.0.0", options: check, err: "Module a-1.0.0 not found"},
		{name: "no id", wanted: "p, ,", options: check, want: "p-1.0.0"},
		{name: "bad id", wanted: "P-1.0.0", options: check, err: "ModuleID 'P-1.0.0' must start with lowercase letter"},
		{name: "two versions of a product", wanted: "st-1.0.0, st-1.0.1", options: check, err: "Cannot remove module st-1.0.0 which is explicitly given"},
		{name: "two versions of a product, the other way round", wanted: "st-1.0.1, st-1.0.0", options: check, err: "Cannot remove module st-1.0.1 which is explicitly given"},

		{name: "provider is added", available: "a-1.0.0 e-1.0.0", wanted: "e-1.0.0", options: check, want: "a-1.0.0, e-1.0.0"},
		{name: "the newest provider that fits", available: "a-1.0.0 a-1.1.0 a-2.0.0 e-1.0.0", wanted: "e-1.0.0", options: check, want: "a-1.1.0, e-1.0.0"},
		{name: "provider is enabled", enabled: "a-1.0.0", wanted: "e-1.0.0", options: check, want: "e-1.0.0"},
		{name: "provider is listed", wanted: "e-1.0.0, b-1.0.0", options: check, want: "b-1.0.0, e-1.0.0"},
		{name: "provider is listed by product", available: "a-1.0.0 a-1.1.0 b-1.0.0 c-1.0.0 e-1.0.0", wanted: "e, b", options: check, want: "b-1.0.0, e-1.0.0"},
		{name: "providers of providers", wanted: "r-1.0.0", options: check, want: "p-1.0.0, q-1.0.0, r-1.0.0"},
		{name: "either of two versions", wanted: "t-1.0.0, q-1.0.0", options: check, want: "p-1.0.0, q-1.0.0, s-1.0.0, t-1.0.0"},
		{name: "several products provide", available: "a-1.0.0 b-1.0.0 e-1.0.0", wanted: "e-1.0.0", options: check,
			err: "interface int required by module e-1.0.0 is provided by multiple products: a, b"},
		{name: "several products provide, in several versions", available: "a-1.0.0 a-1.1.0 c-1.0.0 e-1.0.0", wanted: "e-1.0.0", options: check,
			err: "interface int required by module e-1.0.0 is provided by multiple products: a, c"},
		{name: "one replaces the other", registry: "b-1.0.0 +int=1.0 ~a", available: "a-1.0.0 a-1.1.0 b-1.0.0 e-1.0.0", wanted: "e-1.0.0", options: check, want: "b-1.0.0, e-1.0.0"},
		{name: "a chain of replacements", registry: "b-1.0.0 +int=1.0 ~a\nc-1.0.0 +int=1.1 ~b", available: "a-1.0.0 a-1.1.0 b-1.0.0 c-1.0.0 e-1.0.0", wanted: "e-1.0.0", options: check, want: "c-1.0.0, e-1.0.0"},
		{name: "nobody provides", available: "e-1.0.0", wanted: "e-1.0.0", options: check, err: "interface int required by module e-1.0.0 not found"},
		{name: "nobody provides, for several", available: "e-1.0.0 r-1.0.0 ot-1.0.0", wanted: "r, e, ot", options: check,
			err: "interface int required by module e-1.0.0 not found. interface q required by module r-1.0.0 not found. interface st required by module ot-1.0.0 not found"},
		{name: "nobody provides in that version", available: "a-1.0.0 e-2.0.0", wanted: "e-2.0.0", options: check, err: "interface int required by module e-2.0.0 not found"},
		{name: "listed ones do not fit", available: "a-1.0.0 a-2.0.0 e-2.0.0", wanted: "a-1.0.0, e-2.0.0", options: check,
			err: "Incompatible version for module e-2.0.0 interface int. Need 2.0. Have 1.0/a-1.0.0"},
		{name: "listed ones do not fit, several", registry: "f-1.0.0 int=2.0", available: "a-1.0.0 e-2.0.0 f-1.0.0", wanted: "a, f, e", options: check,
			err: "Incompatible version for module e-2.0.0 interface int. Need 2.0. Have 1.0/a-1.0.0. Incompatible version for module f-1.0.0 interface int. Need 2.0. Have 1.0/a-1.0.0"},
		{name: "listed ones provide the same", enabled: "a-1.0.0", wanted: "b-1.0.0, a-1.0.0", options: check, err: "Multiple modules a-1.0.0, b-1.0.0 provide interface int"},

		{name: "another product in the way", enabled: "a-1.0.0", wanted: "b-1.0.0", options: check, want: "b-1.0.0, -a-1.0.0"},
		{name: "another product in the way, with a user", enabled: "a-1.0.0 e-1.0.0", wanted: "b-1.0.0", options: check, want: "b-1.0.0, -a-1.0.0"},
		{name: "in the way of one that needs more", registry: "b-1.0.0 +int=1.0 q=1.0", enabled: "a-1.0.0", wanted: "b-1.0.0", options: check, want: "p-1.0.0, q-1.0.0, b-1.0.0, -a-1.0.0"},
		{name: "what is in the way is needed too", registry: "b-1.0.0 +int=1.0 extra=1.0\na-1.0.0 +int=1.0 +extra=1.0", available: "a-1.0.0 b-1.0.0", enabled: "a-1.0.0", wanted: "b-1.0.0", options: check,
			err: "Multiple modules a-1.0.0, b-1.0.0 provide interface int"},
		{name: "replaces alone takes nothing away", registry: "n-1.0.0 ~p +n=1.0", enabled: "p-1.0.0", wanted: "n", options: check, want: "n-1.0.0"},
		{name: "upgrade", enabled: "a-1.0.0", wanted: "a-1.1.0", options: check, want: "a-1.1.0<a-1.0.0"},
		{name: "downgrade", enabled: "a-1.1.0", wanted: "a-1.0.0", options: check, want: "a-1.0.0<a-1.1.0"},
		{name: "upgrade keeps a user that fits", enabled: "a-1.0.0 e-1.0.0", wanted: "a-1.1.0", options: check, want: "a-1.1.0<a-1.0.0"},
		{name: "upgrade brings its user along", enabled: "a-1.0.0 e-1.0.0", wanted: "a-2.0.0", options: check, want: "a-2.0.0<a-1.0.0, e-2.0.0<e-1.0.0"},
		{name: "upgrade disables a user that nothing helps", available: "st-1.0.0 st-1.0.1 ot-1.0.0", enabled: "st-1.0.0 ot-1.0.0", wanted: "st-1.0.1", options: check, want: "st-1.0.1<st-1.0.0, -ot-1.0.0"},
		{name: "upgrade brings its provider along", enabled: "a-1.0.0 e-1.0.0", wanted: "e-2.0.0", options: check, want: "a-2.0.0<a-1.0.0, e-2.0.0<e-1.0.0"},
		{name: "both given", enabled: "st-1.0.0 ot-1.0.0", wanted: "ot-1.0.1, st-1.0.1", options: check, want: "st-1.0.1<st-1.0.0, ot-1.0.1<ot-1.0.0"},
		{name: "both given as products", enabled: "st-1.0.0 ot-1.0.0", wanted: "ot, st", options: check, want: "st-1.0.1<st-1.0.0, ot-1.0.1<ot-1.0.0"},
		{name: "both given, down", enabled: "st-1.0.1 ot-1.0.1", wanted: "ot-1.0.0, st-1.0.0", options: check, want: "st-1.0.0<st-1.0.1, ot-1.0.0<ot-1.0.1"},
		{name: "provider down", enabled: "st-1.0.1 ot-1.0.1", wanted: "st-1.0.0", options: check, want: "st-1.0.0<st-1.0.1, ot-1.0.0<ot-1.0.1"},
		{name: "user down", enabled: "st-1.0.1 ot-1.0.1", wanted: "ot-1.0.0", options: check, want: "st-1.0.0<st-1.0.1, ot-1.0.0<ot-1.0.1"},
		{name: "impossible upgrade", enabled: "st-1.0.0 ot-1.0.0", wanted: "ot-1.0.0, st-1.0.1", options: check,
			err: "Incompatible version for module ot-1.0.0 interface st. Need 1.0. Have 2.0/st-1.0.1"},
		{name: "impossible downgrade", enabled: "st-1.0.1 ot-1.0.1", wanted: "ot-1.0.1, st-1.0.0", options: check,
			err: "Incompatible version for module ot-1.0.1 interface st. Need 2.0. Have 1.0/st-1.0.0"},
		{name: "the user's newest needs more", registry: "ot-1.0.2 st=2.0 p=1.0", enabled: "st-1.0.0 ot-1.0.0", wanted: "st-1.0.1", options: check, want: "st-1.0.1<st-1.0.0, p-1.0.0, ot-1.0.2<ot-1.0.0"},
		{name: "the user's newest needs what nobody has", registry: "ot-1.0.2 st=2.0 unknown=2.0", enabled: "st-1.0.0 ot-1.0.0", wanted: "st-1.0.1", options: check,
			err: "interface unknown required by module ot-1.0.2 not found"},
		{name: "another product would fit the new provider", registry: "oo-1.0.1 st=2.0", enabled: "st-1.0.0 ot-1.0.0", wanted: "st-1.0.1", options: check, want: "st-1.0.1<st-1.0.0, ot-1.0.1<ot-1.0.0"},
		{name: "a provider of another product", available: "a-2.0.0 b-1.0.0 e-2.0.0", enabled: "b-1.0.0", wanted: "e-2.0.0", options: check, want: "a-2.0.0, e-2.0.0, -b-1.0.0"},
		{name: "provider is another version of what is enabled", registry: "m-1.0.0 +old=1.0\nm-2.0.0 +new=1.0\nn-1.0.0 old=1.0", enabled: "m-2.0.0", wanted: "n", options: check, want: "m-1.0.0<m-2.0.0, n-1.0.0"},
		{name: "provider is another version of what is given", registry: "m-1.0.0 +old=1.0\nm-2.0.0 +new=1.0\nn-1.0.0 old=1.0", wanted: "n, m-2.0.0", options: check, err: "Cannot remove module m-2.0.0 which is explicitly given"},
		{name: "replaced and upgraded at once", registry: "m-1.0.0 +m=1.0\nm-2.0.0 +int=2.0", available: "a-1.0.0 m-1.0.0 m-2.0.0 e-2.0.0", enabled: "a-1.0.0 m-1.0.0", wanted: "e", options: check, want: "m-2.0.0<m-1.0.0, e-2.0.0, -a-1.0.0"},
		{name: "several could give way to", registry: "z-1.0.0 +int=2.0", enabled: "a-1.0.0", wanted: "e-2.0.0", options: check,
			err: "interface int required by module e-2.0.0 is provided by multiple products: a, z"},

		{name: "optional, not there", wanted: "d-1.0.0", options: check, want: "d-1.0.0"},
		{name: "optional, there", enabled: "a-1.0.0", wanted: "d-1.0.0", options: check, want: "d-1.0.0"},
		{name: "optional, too old", available: "a-1.0.0 d-1.1.0", enabled: "a-1.0.0", wanted: "d-1.1.0", options: check,
			err: "Incompatible version for module d-1.1.0 interface int. Need 1.1. Have 1.0/a-1.0.0"},
		{name: "optional, upgraded", available: "a-1.0.0 a-1.1.0 d-1.1.0", enabled: "a-1.0.0", wanted: "d-1.1.0", options: check, want: "a-1.1.0<a-1.0.0, d-1.1.0"},
		{name: "optional, replaced", available: "a-2.0.0 b-1.0.0 d-2.0.0", enabled: "b-1.0.0", wanted: "d-2.0.0", options: check, want: "a-2.0.0, d-2.0.0, -b-1.0.0"},
		{name: "optional, both upgraded", enabled: "a-1.0.0 d-1.0.0", wanted: "a-2.0.0", options: check, want: "a-2.0.0<a-1.0.0, d-2.0.0<d-1.0.0"},
		{name: "optional, upgraded from the user's side", enabled: "a-1.0.0 d-1.0.0", available: "a-1.0.0 a-1.1.0 d-1.0.0 d-1.1.0", wanted: "d-1.1.0", options: check, want: "a-1.1.0<a-1.0.0, d-1.1.0<d-1.0.0"},
		{name: "optional, several products", enabled: "a-1.0.0", wanted: "d-1.1.0", available: "a-1.0.0 a-1.1.0 c-1.0.0 d-1.1.0", options: check,
			err: "interface int required by module d-1.1.0 is provided by multiple products: a, c"},
		{name: "optional does not order what is new", wanted: "d-1.0.0, a-1.0.0", options: check, want: "d-1.0.0, a-1.0.0"},
		{name: "optional user of a disabled one", enabled: "a-1.0.0 d-1.0.0", wanted: "-a-1.0.0", options: check, want: "-a-1.0.0"},
		{name: "optional user goes first", enabled: "a-1.0.0 d-1.0.0", wanted: "-a, -d", options: check, want: "-d-1.0.0, -a-1.0.0"},

		{name: "disable", enabled: "x-1.0.0 y-1.0.0", wanted: "-x-1.0.0", options: check, want: "-x-1.0.0"},
		{name: "disable by product", enabled: "y-1.0.0", wanted: "-y", options: check, want: "-y-1.0.0"},
		{name: "disable with its user", enabled: "a-1.0.0 e-1.0.0", available: "a-1.0.0 e-1.0.0", wanted: "-a", options: check, want: "-e-1.0.0, -a-1.0.0"},
		{name: "disable both", enabled: "a-1.0.0 e-1.0.0", wanted: "-a, -e", options: check, want: "-e-1.0.0, -a-1.0.0"},
		{name: "disable a chain from below", enabled: "p-1.0.0 q-1.0.0 r-1.0.0", wanted: "-p", options: check, want: "-r-1.0.0, -q-1.0.0, -p-1.0.0"},
		{name: "disable a chain from the middle", enabled: "p-1.0.0 q-1.0.0 r-1.0.0", wanted: "-q", options: check, want: "-r-1.0.0, -q-1.0.0"},
		{name: "disable, another could provide", enabled: "a-1.0.0 e-1.0.0", available: "a-1.0.0 b-1.0.0 e-1.0.0", wanted: "-a", options: check,
			err: "interface int required by module e-1.0.0 is provided by multiple products: a, b"},
		{name: "disable, another takes over", enabled: "a-1.0.0 e-1.0.0", wanted: "-a, b", options: check, want: "b-1.0.0, -a-1.0.0"},
		{name: "disable and enable elsewhere keep their order", enabled: "x-1.0.0", wanted: "-x, p", options: check, want: "-x-1.0.0, p-1.0.0"},
		{name: "disable what a given one requires", enabled: "a-1.0.0 e-1.0.0", available: "a-1.0.0 e-1.0.0", wanted: "e, -a", options: check,
			err: "interface int required by module e-1.0.0 not found"},
		{name: "disable what a new one requires", enabled: "a-1.0.0", available: "a-1.0.0 e-1.0.0", wanted: "-a, e", options: check,
			err: "interface int required by module e-1.0.0 not found"},
		{name: "disable what a given one requires, another can provide", enabled: "a-1.0.0 e-1.0.0", available: "a-1.0.0 b-1.0.0 e-1.0.0", wanted: "e, -a", options: check, want: "=e-1.0.0, b-1.0.0, -a-1.0.0"},
		{name: "enable and disable", wanted: "x, -x", options: check, want: "x-1.0.0, -x-1.0.0"},
		{name: "disable and enable", enabled: "x-1.0.0", wanted: "-x, x-1.0.0", options: check, want: "-x-1.0.0, x-1.0.0"},

		{name: "a circle", registry: "g-1.0.0 +g=1.0 h=1.0\nh-1.0.0 +h=1.0 g=1.0", wanted: "g", options: check, err: "Some modules cannot be topological sorted: g-1.0.0, h-1.0.0"},
		{name: "a circle with an optional side", registry: "g-1.0.0 +g=1.0 ?h=1.0\nh-1.0.0 +h=1.0 g=1.0", wanted: "h, g", options: check, want: "g-1.0.0, h-1.0.0"},
		{name: "requires itself", registry: "g-1.0.0 +g=1.0 g=1.0", wanted: "g", options: check, want: "g-1.0.0"},
		{name: "provides twice itself", registry: "g-1.0.0 +g=1.0 +g=2.0\nh-1.0.0 g=2.0", wanted: "h", options: check, want: "g-1.0.0, h-1.0.0"},
		{name: "underscores take no part", registry: "g-1.0.0 +_x=1.0 _y=1.0\nh-1.0.0 +_x=2.0", wanted: "g, h", options: check, want: "g-1.0.0, h-1.0.0"},
		{name: "multiple take no part", registry: "g-1.0.0 *m=1.0\nh-1.0.0 *m=1.0", wanted: "g, h", options: check, want: "g-1.0.0, h-1.0.0"},
		{name: "multiple provide nothing", registry: "g-1.0.0 *m=1.0\nh-1.0.0 m=1.0", wanted: "h", options: check, err: "interface m required by module h-1.0.0 not found"},

		{name: "unchecked", wanted: "r, -x", enabled: "x-1.0.0", want: "r-1.0.0, -x-1.0.0"},
		{name: "unchecked, uptodate", enabled: "x-1.0.0", wanted: "x, p", want: "=x-1.0.0, p-1.0.0"},
		{name: "unchecked, upgrade", enabled: "st-1.0.0 ot-1.0.0", wanted: "st", want: "st-1.0.1<st-1.0.0"},
		{name: "unchecked, in the list's order", wanted: "r-1.0.0, q-1.0.0, p-1.0.0", want: "r-1.0.0, q-1.0.0, p-1.0.0"},
		{name: "unchecked, unknown", wanted: "z-1.0.0", err: "Module z-1.0.0 not found"},
		{name: "unsound before", enabled: "x-1.0.0 r-1.0.0", wanted: "p", options: check, want: "p-1.0.0, -r-1.0.0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t) })
	}
}

func (c resolveCase) run(t *testing.T) {
	all := mods(t, registry+c.registry)
	available, enabled := all, some(t, all, c.enabled)
	if c.available != "" {
		available = some(t, all, c.available)
	}
	availableBefore, enabledBefore := maps.Clone(available), maps.Clone(enabled)
	got, err := Resolve(available, enabled, entries(c.wanted), c.options)
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != c.err || told(got) != c.want {
		t.Errorf("enabled %q, wanted %q:\n got %q, error %q\nwant %q, error %q", c.enabled, c.wanted, told(got), text, c.want, c.err)
	}
	if len(available) != len(availableBefore) || len(enabled) != len(enabledBefore) {
		t.Error("the maps that were given were changed")
	}
}

func TestResolveIgnoresWhatOnlyJobsSay(t *testing.T) {
	all := mods(t, registry)
	wanted := []TenantModule{{ID: "p-1.0.0", From: "z-1.0.0", Message: "no", Stage: "done"}}
	got, err := Resolve(all, nil, wanted, Options{DepCheck: true})
	if err != nil || got[0] != (TenantModule{ID: "p-1.0.0", Action: Enable}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestResolveRefusesOddEntries(t *testing.T) {
	for _, c := range []struct {
		entry TenantModule
		want  string
	}{
		{TenantModule{}, "ModuleID must not be empty"},
		{TenantModule{ID: "p-1.0.0", Action: "explode"}, "Not implemented: action = explode"},
	} {
		if _, err := Resolve(nil, nil, []TenantModule{c.entry}, Options{}); err == nil || err.Error() != c.want {
			t.Errorf("%+v: got %v, want %q", c.entry, err, c.want)
		}
	}
}

func TestUpgrades(t *testing.T) {
	all := mods(t, registry)
	enabled := some(t, all, "y-1.0.0 st-1.0.0 ot-1.0.0 x-1.0.0 p-1.0.0")
	for _, c := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, "ot-1.0.1<ot-1.0.0, st-1.0.1<st-1.0.0, y-1.1.1000123<y-1.0.0"},
		{Filter{NpmSnapshot: "false"}, "ot-1.0.1<ot-1.0.0, st-1.0.1<st-1.0.0, y-1.1.0-SNAPSHOT.4<y-1.0.0"},
		{Filter{NpmSnapshot: "false", PreRelease: "false"}, "ot-1.0.1<ot-1.0.0, st-1.0.1<st-1.0.0"},
		{Filter{PreRelease: "only", NpmSnapshot: "false"}, "y-1.1.0-SNAPSHOT.4<y-1.0.0"},
	} {
		o := Options{DepCheck: true, Filter: c.filter}
		wanted := Upgrades(all, enabled, o)
		if got := told(wanted); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.filter, got, c.want)
		}
	}
	o := Options{DepCheck: true}
	got, err := Resolve(all, enabled, Upgrades(all, enabled, o), o)
	if want := "st-1.0.1<st-1.0.0, ot-1.0.1<ot-1.0.0, y-1.1.1000123<y-1.0.0"; err != nil || told(got) != want {
		t.Errorf("upgrade comes to %q, %v, want %q", told(got), err, want)
	}
}

func TestLongChains(t *testing.T) {
	var lines strings.Builder
	const length = 300
	for i := range length {
		fmt.Fprintf(&lines, "m%d-1.0.0 +i%d=1.0", i, i)
		if i > 0 {
			fmt.Fprintf(&lines, " i%d=1.0", i-1)
		}
		lines.WriteString("\n")
	}
	all := mods(t, lines.String())
	got, err := Resolve(all, nil, entries(fmt.Sprintf("m%d", length-1)), Options{DepCheck: true})
	if err != nil || len(got) != length || got[0].ID != "m0-1.0.0" || got[length-1].ID != fmt.Sprintf("m%d-1.0.0", length-1) {
		t.Fatalf("%d modules come to %q, %v", length, told(got), err)
	}
}

// BenchmarkResolve is an install of 20 modules of which each requires the one before, out of 1,000 known ones.
func BenchmarkResolve(b *testing.B) {
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "m%d-1.%d.0 +i%d=1.%d", i/10, i%10, i/10, i%10)
		if i >= 10 {
			fmt.Fprintf(&lines, " i%d=1.0", i/10-1)
		}
		lines.WriteString("\n")
	}
	all := mods(b, lines.String())
	for b.Loop() {
		if list, err := Resolve(all, nil, entries("m19"), Options{DepCheck: true}); err != nil || len(list) != 20 {
			b.Fatal(told(list), err)
		}
	}
}
