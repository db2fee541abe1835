package install

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// Store is all that is known of modules and installs. Make one with New.
type Store struct {
	DB     *tenant.DB
	Bus    live.Publisher
	River  *river.Client[pgx.Tx] // inserts jobs
	Client *Client               // calls the modules' tenant interface

	Lease    time.Duration // of a node that works on an install
	Deadline time.Duration // of one module's call, its own job included
}
