// Package institution lets institutions sign their people in by OpenID Connect (OpenID Connect Core 1.0, Discovery 1.0):
// authorization code with PKCE (RFC 7636, S256), groups to roles.
//
// # A sign-in
//
//   - Start asks for the provider's description (kept for an hour on each node), writes a row of oidc_login and sends the
//     browser to the provider. The row has hashes of the state and of a secret that only this browser gets, as a cookie;
//     nonce and PKCE verifier never leave the server side.
//   - Finish uses the row up, by one statement and for one browser, so that a state is good once over all nodes; then it
//     changes the code for an ID token, checks the token, asks for user info where claims are missing, and lets the person
//     in by user.EnterTx. A transaction never waits for a provider.
//
// # What is checked of an ID token
//
// Signature by a key of the provider's key set (an unknown key id fetches the set again) and an algorithm with public keys;
// iss equal to the registered issuer; aud has our client id, and azp is it where the token names one or has several
// audiences; exp, nbf and iat with a minute of skew, iat at most an hour old; nonce equal to the login's; at_hash where it
// is given; user info of the same sub. The answer's own iss parameter (RFC 9207) has to be the issuer where it is given
// or announced.
//
// # Who it is
//
// A person is found by (provider, sub) alone. The name claim is a wish for a new person's user name: whoever has that name
// here already is somebody else, and the new person gets another. Groups give roles and ranks for as long as a session can
// live; each sign-in replaces them whole.
package institution
