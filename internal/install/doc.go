// Package install knows the modules there are, what each tenant has of them, and the jobs that install, upgrade and disable
// them, through the API of FOLIO's Okapi.
package install
