// Package fleet sees all tenants at once: the operators' list of them with what each could upgrade, and upgrades of many.
//
// An upgrade of many is a batch: a row for it and a row for each tenant, in Cutroom's own tables. There is no process that holds
// a batch. Step looks at what its rows and the installs say, notes what ended, and begins as many tenants as may run together;
// every node that works jobs calls it in a steady rhythm and after each install's end. A tenant's turn:
//
//	waiting -> running, no install   in the transaction that counts those that run, under the batch's lock
//	running -> running, an install   the install is made by internal/install, marked with the batch's id, then noted in the row
//	running -> done, error, aborted  as its install ended; same: there was nothing to upgrade
//
// A kill between two of these leaves a row that the next Step goes on with: an install that was made but not noted is found by its mark.
package fleet

import (
	"context"
	"net/http"

	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Installer makes and aborts the installs of single tenants; install.Store is one.
type Installer interface {
	Upgrade(ctx context.Context, who user.Who, t tenant.ID, o install.Options, h http.Header) (install.Job, error)
	Abort(ctx context.Context, who user.Who, t tenant.ID, id install.ID) error
	ModulesMap(ctx context.Context) (map[string]module.Descriptor, error)
}

// Store is the fleet. Fill the fields.
type Store struct {
	DB       *tenant.DB
	Installs Installer
}
