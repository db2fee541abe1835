package install

import (
	"regexp"

	"cutroom/internal/fault"
	"cutroom/internal/module"
)

// Options are those of Okapi's install call, with its names and defaults.
type Options struct {
	Simulate         bool   `json:"simulate,omitempty"`
	Async            bool   `json:"async,omitempty"`
	Deploy           bool   `json:"deploy,omitempty"`
	Purge            bool   `json:"purge,omitempty"`
	Reinstall        bool   `json:"reinstall,omitempty"`
	IgnoreErrors     bool   `json:"ignoreErrors,omitempty"`
	DepCheck         bool   `json:"depCheck"`
	Invoke           string `json:"invoke"` // true, false, or a regular expression on module ids
	Parallel         int    `json:"parallel"`
	TenantParameters string `json:"tenantParameters,omitempty"` // k=v,k2=v2
	PreRelease       string `json:"preRelease"`                 // true, false, only
	NpmSnapshot      string `json:"npmSnapshot"`                // true, false, only
}

// Defaults are the options of a call that names none.
func Defaults() Options {
	return Options{DepCheck: true, Invoke: "true", Parallel: 1, PreRelease: "true", NpmSnapshot: "true"}
}

// Check refuses options that no install can have, with Okapi's text: a fault of kind Malformed.
func (o Options) Check() error {
	switch {
	case o.Parallel < 1:
		return refusal("parallel must be 1 or higher")
	case o.Parallel > 1 && !o.DepCheck:
		return refusal("Install Option parallel can not be greater than 1 when Install Option depCheck is false")
	}
	for _, filter := range []string{o.PreRelease, o.NpmSnapshot} {
		if filter != "true" && filter != "false" && filter != "only" {
			return refusal("invalid filter " + filter + ": use true, false or only")
		}
	}
	if _, err := o.invoked(); err != nil {
		return refusal("invalid regular expression for invoke: " + o.Invoke)
	}
	return nil
}

// invoked says of module ids whether the module is to be called. The expression has to match the whole id, as in Okapi.
func (o Options) invoked() (func(id string) bool, error) {
	switch o.Invoke {
	case "true", "":
		return func(string) bool { return true }, nil
	case "false":
		return func(string) bool { return false }, nil
	}
	whole, err := regexp.Compile("^(?:" + o.Invoke + ")$")
	if err != nil {
		return nil, err
	}
	return whole.MatchString, nil
}

func (o Options) resolving() module.Options {
	return module.Options{DepCheck: o.DepCheck, Reinstall: o.Reinstall, Filter: module.Filter{PreRelease: o.PreRelease, NpmSnapshot: o.NpmSnapshot}}
}

// refusal is an answer in Okapi's words: whoever calls its API gets the text and 400.
func refusal(says string) *fault.Error {
	return fault.New(fault.Malformed, "error.install-refused", says).With(map[string]any{"Reason": says})
}
