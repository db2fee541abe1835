package main

import (
	"context"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// pollEdits tells the present revs of watched edits, should a notice have been lost.
func (a *app) pollEdits(ctx context.Context, t string, topics []string) ([]live.Notice, error) {
	var events []event.ID
	for _, topic := range topics {
		if id, isEdit := strings.CutPrefix(topic, "edit:"); isEdit {
			events = append(events, event.ID(id))
		}
	}
	if len(events) == 0 {
		return nil, nil
	}
	revs, err := a.edits.Revs(ctx, user.System(tenant.ID(t)), events)
	var notices []live.Notice
	for id, rev := range revs {
		notices = append(notices, live.Notice{Tenant: t, Topic: "edit:" + string(id), Rev: int64(rev)})
	}
	return notices, err
}
