package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"cutroom/internal/module"
)

// readOkapi reads the body of a call that may have one.
func readOkapi(c *okapiCall) (err error) {
	if c.Method != http.MethodPost && c.Method != http.MethodPut || c.Body == nil {
		return nil
	}
	limit := int64(maxBody)
	if strings.HasPrefix(c.URL.Path, "/_/proxy/modules") || strings.HasPrefix(c.URL.Path, "/_/proxy/import/") {
		limit = maxImport
	}
	c.body, err = io.ReadAll(http.MaxBytesReader(c.w, c.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return badOkapi("The body has more than %d bytes", limit).WithCause(err)
	case err != nil:
		return badOkapi("The body ended before its end").WithCause(err)
	}
	return nil
}

// okapiWanted is a TenantModuleDescriptor as clients send it. What a job says of a module is read and passed over, so that the
// list of a simulation can be sent again as it is.
type okapiWanted struct {
	ID      *string `json:"id"`
	Action  *string `json:"action"`
	From    *string `json:"from"`
	Message *string `json:"message"`
	Stage   *string `json:"stage"`
}

// wantedModules reads the body of an install.
func wantedModules(raw []byte) ([]module.TenantModule, error) {
	var list []*okapiWanted
	if err := decodeJSON(raw, &list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, badOkapi("The body is no list of modules")
	}
	wanted := make([]module.TenantModule, 0, len(list))
	for i, entry := range list {
		m, err := entry.module()
		if err != nil {
			return nil, badOkapi("Entry %d: %s", i+1, err)
		}
		wanted = append(wanted, m)
	}
	return wanted, nil
}

// wantedModule reads a body that names one module.
func wantedModule(raw []byte) (module.TenantModule, error) {
	var entry *okapiWanted
	if err := decodeJSON(raw, &entry); err != nil {
		return module.TenantModule{}, err
	}
	m, err := entry.module()
	if err != nil {
		return module.TenantModule{}, badOkapi("%s", err)
	}
	return m, nil
}

var errNoModuleID = errors.New("a module needs an id")

func (w *okapiWanted) module() (module.TenantModule, error) {
	if w == nil || w.ID == nil || *w.ID == "" {
		return module.TenantModule{}, errNoModuleID
	}
	m := module.TenantModule{ID: *w.ID, Action: module.Enable}
	if w.Action == nil {
		return m, nil
	}
	switch m.Action = module.Action(*w.Action); m.Action {
	case module.Enable, module.Disable, module.UpToDate, module.Suggest, module.Conflict:
		return m, nil
	}
	return module.TenantModule{}, errors.New("action " + quoted(*w.Action) + " is none of enable, disable, uptodate, suggest, conflict")
}

// descriptors reads the body of a registration: one ModuleDescriptor, or a list of them.
func descriptors(raw []byte, many bool) ([]module.Descriptor, error) {
	parts := []json.RawMessage{raw}
	if many {
		parts = nil
		if err := decodeJSON(raw, &parts); err != nil {
			return nil, err
		}
		if parts == nil {
			return nil, badOkapi("The body is no list of modules")
		}
	}
	all := make([]module.Descriptor, 0, len(parts))
	for _, part := range parts {
		d, err := module.Parse(part)
		if err != nil {
			return nil, badOkapi("%s", err)
		}
		all = append(all, d)
	}
	return all, nil
}
