package module

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Parse reads one ModuleDescriptor and checks it as Okapi does when one is posted; the errors are Okapi's texts. What
// Cutroom does not read stays in Raw, so that the module is given out just as it came.
func Parse(raw []byte) (Descriptor, error) {
	var d Descriptor
	if err := json.Unmarshal(raw, &d); err != nil {
		return Descriptor{}, undecoded(err)
	}
	if d.ID == "" {
		return Descriptor{}, errors.New("No Id in module")
	}
	if _, err := ParseID(d.ID); err != nil {
		return Descriptor{}, err
	}
	for _, p := range d.Provides {
		if err := p.check(d.ID); err != nil {
			return Descriptor{}, err
		}
	}
	for _, r := range append(append([]Reference{}, d.Requires...), d.Optional...) {
		if err := r.check(d.ID); err != nil {
			return Descriptor{}, err
		}
	}
	if err := checkHandlers(raw, d.ID); err != nil {
		return Descriptor{}, err
	}
	d.Raw = bytes.Clone(raw)
	return d, nil
}

// undecoded is the error of a descriptor that is no JSON, or whose values have other types, in words that tell nothing of our code.
func undecoded(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("Failed to decode:%w", err)
	}
	at := wrong.Field
	if at == "" {
		at = "the module descriptor"
	}
	return fmt.Errorf("Failed to decode:%s cannot be a JSON %s", at, wrong.Value)
}

// MarshalJSON gives the descriptor as it came, or what is known of one that came from nowhere.
func (d Descriptor) MarshalJSON() ([]byte, error) {
	if d.Raw != nil {
		return d.Raw, nil
	}
	type plain Descriptor
	return json.Marshal(plain(d))
}

// Brief is what a list shows of it: id and name.
func (d Descriptor) Brief() Descriptor { return Descriptor{ID: d.ID, Name: d.Name} }

func (i Interface) check(module string) error {
	switch {
	case i.ID == "":
		return fmt.Errorf("id is missing for module %s", module)
	case i.Version == "":
		return fmt.Errorf("version is missing for module %s", module)
	case i.Type != "" && i.Type != typeProxy && i.Type != typeSystem && i.Type != typeMultiple:
		return fmt.Errorf("Bad interface type '%s' for module %s", i.Type, module)
	}
	if _, ok := parseInterfaceVersion(i.Version); !ok {
		return fmt.Errorf("Bad version number '%s'", i.Version)
	}
	return nil
}

func (r Reference) check(module string) error {
	switch {
	case r.ID == "":
		return fmt.Errorf("id is missing for module %s", module)
	case r.Version == "":
		return fmt.Errorf("version is missing for module %s", module)
	}
	for v := range strings.FieldsSeq(r.Version) {
		if _, ok := parseInterfaceVersion(v); !ok {
			return fmt.Errorf("Bad version number '%s'", r.Version)
		}
	}
	if strings.TrimSpace(r.Version) == "" {
		return fmt.Errorf("Bad version number '%s'", r.Version)
	}
	return nil
}

// checkHandlers looks at the routes, of which Cutroom itself reads little.
func checkHandlers(raw []byte, module string) error {
	type route struct {
		PathPattern         string           `json:"pathPattern"`
		Path                string           `json:"path"`
		PermissionsRequired *json.RawMessage `json:"permissionsRequired"`
	}
	type section []struct {
		ID       string  `json:"id"`
		Type     string  `json:"interfaceType"`
		Handlers []route `json:"handlers"`
	}
	var d struct {
		Provides section `json:"provides"`
		Requires section `json:"requires"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return undecoded(err)
	}
	for _, r := range d.Requires {
		if len(r.Handlers) > 0 {
			return fmt.Errorf("No handlers allowed in 'requires' section for module %s", module)
		}
	}
	for _, p := range d.Provides {
		for _, h := range p.Handlers {
			if h.Path == "" && h.PathPattern == "" {
				return errors.New("Bad routing entry, needs a pathPattern or at least a path")
			}
			if h.PermissionsRequired == nil && (Interface{ID: p.ID, Type: p.Type}).kind() != typeSystem {
				return fmt.Errorf("Module '%s' handler %s: Missing field permissionsRequired", module, h.PathPattern+h.Path)
			}
		}
	}
	return nil
}
