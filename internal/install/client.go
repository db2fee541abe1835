package install

import (
	"context"
	"net/http"
	"time"

	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// Client calls modules' tenant interfaces, 1.0 to 2.0, the way Okapi does: the same requests, the same texts when something
// goes wrong. It keeps nothing between calls. The zero value is ready for use.
type Client struct {
	HTTP    *http.Client  // nil: one of its own, without a proxy. Redirects are never followed
	Retry   time.Duration // between two tries of a call whose connection fails; 0: 4 s
	Retries int           // how often; 0: 10
	Poll    time.Duration // one look at a module's job, or its removal, takes no longer; 0: 30 s
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
	Header     http.Header   // of who asked for the install: its X-* go on to the module, see Passed
	OkapiURL   string        // where the module finds Okapi's API
	RequestID  string

	// Answered gets the module's last answer, when its job is complete, before the job is removed from the module: who
	// keeps it and gives it as Answer later never depends on a job that is gone. Its error ends Await.
	Answered func(ctx context.Context, answer []byte) error
	Answer   []byte // what Answered got before a restart: the job is removed if it is there still, and not asked again
}

// Told is what a module answered besides success or failure.
type Told struct{ Errors, Warnings []Problem }

// Start tells a module what happens. It returns the id of the job that the module began, which Await waits for; "" when
// all is done, or when the module's tenant interface has no place to hear of it. Enabling with purge purges first and waits for
// that; its errors are ignored. The text of an error is the one that Okapi's clients see. An error of ctx can be found with errors.Is.
func (c *Client) Start(ctx context.Context, call Call) (job string, told Told, err error) {
	if call.Action == module.Enable && call.Purge {
		c.purge(ctx, call)
		call.Purge, call.From = false, ""
	}
	r, err := routesOf(call)
	if err != nil || r.post == nil {
		return "", Told{}, err
	}
	answer, err := c.send(ctx, call, *r.post)
	if err != nil {
		return "", Told{}, err
	}
	if !answer.located {
		said := hear(answer.body)
		return "", said.told, said.refusal(call.Module.ID)
	}
	if r.get == nil || r.remove == nil {
		return "", Told{}, failf("Unexpected Location header in response for module %s: %s %s", call.Module.ID, r.post.method, r.post.path)
	}
	job, err = jobID(answer.body, call.Module.ID, *r.post)
	return job, Told{}, err
}

// purge asks a module that is about to be enabled to forget the tenant first.
func (c *Client) purge(ctx context.Context, call Call) {
	call.Action, call.From, call.Answered, call.Answer = module.Disable, "", nil, nil
	if job, _, err := c.Start(ctx, call); err == nil && job != "" {
		_, _ = c.Await(ctx, call, job, nil)
	}
}

// Await waits until a module's job is complete, removes it there, and says how it ended. It looks at once, then after
// 300 ms, growing by a quarter, once a second at most; ctx holds the deadline. progress, if not nil, hears what the module says
// meanwhile, when that changes. Where the module's job is comes from its descriptor and the job's id, as with Okapi: a
// Location is never followed, so a module cannot send us elsewhere.
func (c *Client) Await(ctx context.Context, call Call, job string, progress func(note string)) (told Told, err error) {
	if call.Action == module.Enable {
		call.Purge = false
	}
	r, err := routesOf(call)
	if err != nil {
		return Told{}, err
	}
	if r.get == nil || r.remove == nil {
		return Told{}, failf("Unexpected Location header in response for module %s: POST /_/tenant", call.Module.ID)
	}
	get, remove := r.get.of(job), r.remove.of(job)
	if call.Answer != nil {
		said := hear(call.Answer)
		_, err := c.send(ctx, call, remove)
		if err != nil && !gone(err) {
			return said.told, err
		}
		return said.told, said.refusal(call.Module.ID)
	}
	said, answer, err := c.untilComplete(ctx, call, get, progress)
	if err != nil {
		return said.told, err
	}
	if call.Answered != nil {
		if err := call.Answered(ctx, answer); err != nil {
			return said.told, err
		}
	}
	if _, err := c.send(ctx, call, remove); err != nil {
		return said.told, err
	}
	return said.told, said.refusal(call.Module.ID)
}

// The rhythm of looking at a module's job.
const (
	firstWait = 300 * time.Millisecond
	mostWait  = time.Second
)

func (c *Client) untilComplete(ctx context.Context, call Call, get route, progress func(string)) (said, []byte, error) {
	last := ""
	for wait := firstWait; ; wait = min(wait*5/4, mostWait) {
		answer, err := c.send(ctx, call, get)
		if err != nil {
			return said{}, nil, err
		}
		s := hear(answer.body)
		if s.broken != nil {
			return said{}, nil, failf("Failed to decode:%s", clean(s.broken.Error()))
		}
		if s.complete {
			return s, answer.body, nil
		}
		if s.note != last && progress != nil {
			progress(s.note)
		}
		last = s.note
		if err := pause(ctx, wait); err != nil {
			return s, nil, interrupted(call.Module.ID, get, err)
		}
	}
}
