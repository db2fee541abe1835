package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/fleet"
	"cutroom/internal/tenant"
	"cutroom/views"
)

// upgradeRows are shown of an upgrade of many at first, and upgradeMost with ?show=all.
const (
	upgradeRows = 50
	upgradeMost = 2000
)

// newUpgradePage says what an upgrade of the chosen tenants would change.
func (s *Server) newUpgradePage(w http.ResponseWriter, r *http.Request) error {
	page, _, err := s.upgradeOf(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.NewUpgrade(page))
}

// upgradeOf reads which tenants are to be upgraded, and gives those that have anything to upgrade.
func (s *Server) upgradeOf(r *http.Request) (views.NewUpgradePage, []tenant.ID, error) {
	if err := readForm(r); err != nil {
		return views.NewUpgradePage{}, nil, err
	}
	page := views.NewUpgradePage{Page: s.page(r, "", "tenants"), All: r.Form.Get("all") == "yes", Query: r.Form.Get("q"), Filter: r.Form.Get("filter"), Most: "4"}
	if r.Form.Has("most") {
		page.Most = r.Form.Get("most")
	}
	filter, ids := fleet.Filter{Text: page.Query, Only: page.Filter}, []tenant.ID(nil)
	if !page.All {
		filter, ids = fleet.Filter{}, []tenant.ID{}
		for _, id := range r.Form["tenant"] {
			ids = append(ids, tenant.ID(id))
		}
	}
	changes, tenants, err := s.Fleet.Changes(r.Context(), filter, ids)
	if err != nil {
		return page, nil, err
	}
	page.Tenants = len(tenants)
	if !page.All {
		for _, t := range tenants {
			page.IDs = append(page.IDs, string(t))
		}
	}
	for _, c := range changes {
		product, to := splitModule(c.To)
		_, from := splitModule(c.From)
		page.Changes = append(page.Changes, views.UpgradeChange{Module: product, From: from, To: to, Tenants: c.Tenants})
	}
	return page, tenants, nil
}

// startUpgrade begins to upgrade many tenants.
func (s *Server) startUpgrade(w http.ResponseWriter, r *http.Request) error {
	page, tenants, err := s.upgradeOf(r)
	if err != nil {
		return err
	}
	most, err := strconv.Atoi(strings.TrimSpace(page.Most))
	if err != nil || most < 1 || most > fleet.MostTogether {
		page.Error = views.T(r.Context(), "upgrade.mostRule")
		return s.render(w, r, http.StatusUnprocessableEntity, views.NewUpgrade(page))
	}
	if len(tenants) == 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.NewUpgrade(page))
	}
	id, err := s.Fleet.Start(r.Context(), s.who(r), tenants, most)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/upgrades/"+string(id), http.StatusSeeOther)
	return nil
}

func (s *Server) upgradePage(w http.ResponseWriter, r *http.Request) error {
	b, err := s.upgradeBatch(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Upgrade(views.UpgradePage{Page: s.page(r, "", "tenants"), Batch: b}))
}

func (s *Server) upgradeFragment(w http.ResponseWriter, r *http.Request) error {
	b, err := s.upgradeBatch(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.UpgradeProgress(b))
}

func (s *Server) upgradeBatch(r *http.Request) (views.UpgradeBatch, error) {
	limit, shown := upgradeRows, r.URL.Query().Get("show")
	if shown != "all" {
		shown = ""
	} else {
		limit = upgradeMost
	}
	b, err := s.Fleet.Find(r.Context(), s.who(r), fleet.ID(r.PathValue("id")), limit)
	v := batchView(b)
	v.Shown, v.MayAbort = shown, true
	v.MayRetry = b.Counts["error"]+b.Counts["aborted"] > 0
	return v, err
}

// batchView shows an upgrade of many.
func batchView(b fleet.Batch) views.UpgradeBatch {
	v := views.UpgradeBatch{ID: string(b.ID), By: b.StartedName, Started: b.Started, Ended: orZero(b.Ended), Most: b.Most, Aborting: b.Aborting,
		Counts: views.UpgradeCounts{Waiting: b.Counts["waiting"], Running: b.Counts["running"], Done: b.Counts["done"], Same: b.Counts["same"], Failed: b.Counts["error"], Aborted: b.Counts["aborted"]}}
	for _, t := range b.Tenants {
		row := views.UpgradeRow{Tenant: string(t.Tenant), Name: t.Name, State: t.State, Done: t.Done, Total: t.Total, Error: t.Message, Took: took(t.Started, t.Ended)}
		if t.Install != nil {
			row.Install = string(*t.Install)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// abortUpgrade begins no further tenant.
func (s *Server) abortUpgrade(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := s.Fleet.Abort(r.Context(), s.who(r), fleet.ID(id)); err != nil && fault.KindOf(err) != fault.Unavailable {
		return err
	}
	http.Redirect(w, r, "/upgrades/"+id, http.StatusSeeOther)
	return nil
}

// retryUpgrade upgrades those that failed or were never begun.
func (s *Server) retryUpgrade(w http.ResponseWriter, r *http.Request) error {
	id, err := s.Fleet.Retry(r.Context(), s.who(r), fleet.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/upgrades/"+string(id), http.StatusSeeOther)
	return nil
}
