// Package module knows Okapi's module descriptors and works out, without database or network, what an install comes to:
// which modules are enabled, upgraded and disabled for a tenant, and in which order.
//
// # Names and versions
//
// A module's id is its product and its version: "mod-users-19.4.1". Versions compare number by number ("1.10" is newer than
// "1.9"), a pre-release ("1.2.0-SNAPSHOT.3") is older than its release, and a third number of five digits or more
// marks one of FOLIO's npm snapshots. A Filter decides whether those two sorts may be chosen. It narrows what is
// available, never what a tenant has.
//
// # Dependencies
//
// Only interfaces count, never modules. A module provides some, requires some and uses some if they are there
// (optional). A provided interface fits a reference when it has the same id and, for one of the versions that the reference names
// with blanks between them, the same major and at least that minor. Ids that begin with an underscore, and interfaces of
// type system or multiple, take no part.
//
// What a tenant has is sound when each interface that is required is provided, by one module only, and when whatever is used,
// required or optional, fits.
//
// # What an install comes to
//
// Resolve first takes the list as it is written. A product without version is the newest that is available, or, for
// disable, the one that is enabled. Enabling what is enabled already is "uptodate", unless it is a reinstall; a second mention is
// "uptodate" always. Enabling another version of a product upgrades it: the entry tells from which version. A module that is not
// known, or one to be disabled that is not enabled, is refused, and so are two versions of one product.
//
// Then it mends what is not sound, one module at a time, until all is or nothing helps. The modules that the list enables, and
// those brought in for their sake, stay; the others may be changed. A product that the list disables is not brought in again:
//
//   - Of two providers of an interface the one that does not stay is disabled.
//   - For an interface that nobody provides, and a module that stays and requires it, the provider is brought in: the newest module
//     that fits. If several products have one, those that another of them replaces (replaces) are out; if there are several
//     still, nobody but the asker can choose, and it is refused. A module that does not stay is disabled instead.
//   - Where provider and user do not fit, a provider that does not stay gives way to the newest that fits; else a user that does
//     not stay is brought to the newest version of its product that fits, or disabled.
//
// Each of these steps either takes away a module that does not stay, or adds one that does; none is ever added that does not stay,
// and there are only so many to add. So it ends, whatever the modules say. All choices go by the order of ids, so that the same modules
// give the same outcome.
//
// With DepCheck false only the list is done, in its own order.
//
// # The order
//
// What comes first in the list is done first, as far as it can be: a module is enabled when all that it requires is there, and
// disabled when nobody requires what only it provides. A module that had to give way is disabled after that which it gives way to is
// enabled. Where it can be had, a module is also enabled after the fitting version of what it uses if it is there, and
// disabled after those users that go away themselves. Modules that require each other in a circle cannot be ordered, which
// is refused with their ids.
//
// When several run at a time, Waits says which have to wait for which. When one fails and the others are to go on, Needs says
// which cannot.
//
// # Texts
//
// The errors are those that Okapi's clients know, to the letter. Where Okapi lists modules in the order of a hash table, they are
// listed here in the order of their ids.
package module
