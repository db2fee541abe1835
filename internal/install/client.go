package install

import (
	"context"
	"net/http"

	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// Client calls modules' tenant interfaces.
type Client struct {
	HTTP *http.Client
}

// Call is what one module is to be told about one tenant.
type Call struct {
	Module     module.Descriptor // the one that is enabled or disabled
	URL        string            // where it serves; "" when it has no running instance
	Tenant     tenant.ID
	Action     module.Action // enable or disable
	From       string        // enable: the module before it, for an upgrade
	Purge      bool          // disable: its data too; enable: purge first
	Parameters []Parameter   // tenantParameters of the install
	Header     http.Header   // of who asked for the install: its X-* go on to the module
	OkapiURL   string        // where the module finds Okapi's API
	RequestID  string
}

// Told is what a module answered besides success or failure.
type Told struct{ Errors, Warnings []Problem }

// Start tells a module. It returns the job that the module began, which Await waits for; "" when all is done, or when the
// module wants to hear nothing.
func (c *Client) Start(ctx context.Context, call Call) (job string, told Told, err error) {
	return "", Told{}, nil
}

// Await waits for a module's job.
func (c *Client) Await(ctx context.Context, call Call, job string, progress func(note string)) (told Told, err error) {
	return Told{}, nil
}
