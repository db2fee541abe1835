package handlers

import (
	"net/http"

	"cutroom/internal/module"
)

// moduleList answers those modules that the query chooses: ids, with names too where named says so, or whole descriptors with
// full=true.
func (c *okapiCall) moduleList(all []module.Descriptor, named bool) error {
	p := c.params()
	if p.err != nil {
		return p.err
	}
	q, err := module.ParseQuery(p.values)
	if err != nil {
		return badOkapi("%s", err)
	}
	list := module.Select(all, q)
	if !named && !q.Full {
		for i, d := range list {
			list[i] = module.Descriptor{ID: d.ID}
		}
	}
	return c.json(http.StatusOK, list)
}
