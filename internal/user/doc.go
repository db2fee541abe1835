// Package user knows people: who asks, with which roles; their passwords, sessions, tokens and sign-in links.
//
// # Who
//
// Every request is somebody's: a Who, found from a token, a session or nothing (Anonymous), with the roles of that moment.
// Nouns take it and start their queries from its roles. Who.Session names what the person came with: the hash of the
// session's or token's secret.
//
// # Operators
//
// Operators are kept above the tenants, in tenant.Operators, and act in each of them as an admin would: Who.Tenant is where,
// Who.Home where they are kept, and Who.User is operator:<name> everywhere, so that a tenant's log tells them from its own
// people. Whoever comes with a password, link, session or token is looked for in the tenant first and above it second; a
// tenant's own secret is good in that tenant alone.
//
// # Secrets
//
// Sessions, tokens and links are 256 random bits that are told once; the tables keep their SHA-256. Passwords are kept as
// argon2id; each costs 19 MiB, so only a few are tried at a time. An unknown name takes as long as a wrong password and
// gets the same answer. Failed tries are counted in each node's memory: per person and network, and more widely per
// network and per person.
//
// # Whom others vouch for
//
// Learning platforms and institutions say who somebody is: (source, subject) in the table identity is one person here, made as a
// viewer at the first entry (EnterTx). What a course or an institution's groups make of somebody are memberships: roles, and a rank
// that lifts the person's own role, good for a while and replaced whole by the next entry from the same context. All queries
// that find a Who read them, so that an ended membership gives nothing from that moment. A change is told to whatever is open.
// A consumer that is trusted with our user names never gets to somebody who manages something, and loses them with the trust.
// What only we give, somebody's own role and ROLE_ADMIN, is taken from nobody. The index person_own_role lets no two people
// share an own role, so that entering needs no lock on the table of people.
//
// # The life of a session
//
//   - Begin makes a new secret, and ends the session that the browser had: a secret that somebody planted is worth nothing.
//     Only a launch of the same person by the same platform goes on with its session, so that two tabs of two courses both work.
//   - Who reads session and person in one query. A use is written down only when the last one was five minutes ago:
//     twelve hours without use end a session, and seven days end it in any case.
//   - End leaves a tombstone (revoked_at). The write of a request that began before it is an update which passes over
//     tombstones, so that no late request brings a session back. Sweep removes them when none can be under way any more.
//   - What outlives a request, as sockets do, asks Again each minute, and at once on the notice "session:<Who.Session>". It
//     is published when a session or token is revoked and when its person's role, roles or password change or the person
//     is disabled.
package user
