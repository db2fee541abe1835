// Package okapisuite is a black-box test of the Okapi API: tenants, modules, discovery, installs and upgrades, and what the
// modules' tenant interfaces hear. It knows nothing of Cutroom's code and can be pointed at any server:
//
//	OKAPI_URL=http://localhost:9130 go test ./web/okapisuite
//	OKAPI_URL=https://cutroom.example OKAPI_TOKEN=... go test ./web/okapisuite
//
// Without OKAPI_URL it builds Cutroom and starts it. The stub services it installs listen on the loopback interface, where
// the server must reach them. It does not need an empty server: tenants, modules and interfaces have random names, and are removed at the end.
//
// Where Cutroom promises more than Okapi (abort, full=true, 400 where Okapi says 500) the checks are marked; OKAPI_STRICT=1 leaves them out
// and tells why.
package okapisuite
