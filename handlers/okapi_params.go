package handlers

import (
	"net/url"
	"regexp"
	"strconv"

	"cutroom/internal/install"
)

// okapiParams reads query parameters: the first value of each counts, unknown ones are passed over, and the first that is wrong is
// kept as the error.
type okapiParams struct {
	values url.Values
	err    error
}

func (c *okapiCall) params() *okapiParams {
	values, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return &okapiParams{values, badOkapi("Bad query: %s", err)}
	}
	return &okapiParams{values, nil}
}

// bad keeps the first error.
func (p *okapiParams) bad(format string, args ...any) {
	if p.err == nil {
		p.err = badOkapi(format, args...)
	}
}

func (p *okapiParams) boolean(name string, otherwise bool) bool {
	if !p.values.Has(name) {
		return otherwise
	}
	switch v := p.values.Get(name); v {
	case "true":
		return true
	case "false":
		return false
	default:
		p.bad("Bad boolean for parameter %s: %s", name, v)
		return otherwise
	}
}

func (p *okapiParams) integer(name string, otherwise int) int {
	if !p.values.Has(name) {
		return otherwise
	}
	n, err := strconv.ParseInt(p.values.Get(name), 10, 32)
	if err != nil {
		p.bad("Bad integer for parameter '%s'", name)
		return otherwise
	}
	return int(n)
}

// version reads what is let through of versions of a kind: true, false or only.
func (p *okapiParams) version(name string) string {
	if !p.values.Has(name) {
		return "true"
	}
	v := p.values.Get(name)
	if v != "true" && v != "false" && v != "only" {
		p.bad(`Expected "true", "false", "only" or undefined/null for parameter %s, but got: %s`, name, v)
		return "true"
	}
	return v
}

// invoke reads which modules are called: true, false, or an expression that matches their whole ids.
func (p *okapiParams) invoke() string {
	if !p.values.Has("invoke") {
		return "true"
	}
	v := p.values.Get("invoke")
	if v == "" {
		return "false" // matches no id
	}
	if _, err := regexp.Compile("^(?:" + v + ")$"); err != nil {
		p.bad("Bad regular expression for parameter invoke: %s", v)
	}
	return v
}

// options are those of an install.
func (p *okapiParams) options() (install.Options, error) {
	o := install.Options{
		Async: p.boolean("async", false), Simulate: p.boolean("simulate", false), Deploy: p.boolean("deploy", false), Purge: p.boolean("purge", false),
		Reinstall: p.boolean("reinstall", false), IgnoreErrors: p.boolean("ignoreErrors", false), DepCheck: p.boolean("depCheck", true),
		Invoke: p.invoke(), Parallel: p.integer("parallel", 1), TenantParameters: p.values.Get("tenantParameters"),
		PreRelease: p.version("preRelease"), NpmSnapshot: p.version("npmSnapshot"),
	}
	if o.Parallel < 1 {
		p.bad("parallel must be 1 or higher")
	}
	if o.Parallel > 1 && !o.DepCheck {
		p.bad("Install Option parallel can not be greater than 1 when Install Option depCheck is false")
	}
	return o, p.err
}
