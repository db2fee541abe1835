// Package lti lets learning platforms launch Cutroom: LTI 1.3 with Deep Linking 2.0, Names and Roles 2.0 and dynamic registration
// (1EdTech), and LTI 1.1.
//
// # A launch by LTI 1.3
//
// The platform's page sends the browser with hints to the login address. [Store.Login] finds the registration by issuer and client and writes a
// row: hash of the state, nonce, hash of a secret that the browser keeps (in a cookie, or in the platform's storage), target link. The
// browser goes to the platform's authentication address and comes back by a form with an id_token and the state.
//
// [Store.Check] verifies all and changes nothing, on whichever node: the state's row, then algorithm, issuer and audience, the signature by the platform's
// key of that kid, times, nonce, deployment, and what the message has to have. [Pending.Bound] compares the browser's secret. Only then
// [Store.Enter] makes something, in one transaction: it uses the row up (of many that come with one state, on all nodes, one finds it unused), makes
// or finds the person, replaces their roles of this course, and writes course, launch and audit line. A node that is killed anywhere
// leaves a login that can still be launched once, or a launch that is whole. [Store.Refused] writes refusals down.
//
// The nonce needs no table of its own: a token is good with the one state whose row has its nonce, and that row is used once. LTI 1.1 has
// no login before, so [Store.Check11]'s nonces have one, for as long as their timestamps are taken.
//
// # Keys
//
// Platforms' keys are kept in memory by address for an hour (platform_keys.go); nothing is sent for them while a transaction is open. Our own are
// rows, sealed (keys.go).
//
// What is checked, and which test shows it: docs/lti.md.
package lti
