package install

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// mostBody is how much a module may answer, in bytes.
const mostBody = 1 << 20

// errTooMuch ends the reading of a module that answers for ever.
var errTooMuch = errors.New("an answer that is longer than 1 MiB")

// answer is a module's 2xx.
type answer struct {
	body    []byte
	located bool // has a Location
}

// ownClient goes to modules directly, and not wherever the environment's proxy says.
var ownClient = &http.Client{Transport: &http.Transport{
	DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
	TLSHandshakeTimeout: 10 * time.Second,
	IdleConnTimeout:     30 * time.Second,
	MaxIdleConnsPerHost: 4,

	MaxResponseHeaderBytes: 256 << 10,
}}

func (c *Client) client() *http.Client {
	own := *ownClient
	if c.HTTP != nil {
		own = *c.HTTP
	}
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// send makes one request, again and again while the connection fails, and gives the module's 2xx answer.
func (c *Client) send(ctx context.Context, call Call, r route) (answer, error) {
	base, err := url.Parse(call.URL)
	if call.URL == "" {
		return answer{}, failf("No running instances for module %s. Can not invoke %s", call.Module.ID, r.path)
	}
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return answer{}, c.failed(call, r, 0, "an address that is not http or https", nil)
	}
	retries := c.Retries
	if retries == 0 {
		retries = 10
	}
	header := headerOf(call)
	for try := 0; ; try++ {
		got, status, err := c.once(ctx, call, r, header)
		switch {
		case err == nil && status >= 200 && status < 300:
			return got, nil
		case err == nil && status == http.StatusNotFound && try > 0 && r.job && r.method == http.MethodDelete:
			return got, nil // the try before removed it, and its answer was lost
		case err == nil:
			said := "null" // as Okapi writes an empty body
			if len(got.body) > 0 {
				said = clean(string(got.body))
			}
			return answer{}, c.failed(call, r, status, fmt.Sprintf("%d: %s", status, said), nil)
		case ctx.Err() != nil:
			return answer{}, interrupted(call.Module.ID, r, ctx.Err())
		case errors.Is(err, errTooMuch) || try >= retries:
			return answer{}, c.failed(call, r, 0, spell(err), err)
		}
		wait := c.Retry
		if wait == 0 {
			wait = 4 * time.Second
		}
		if err := pause(ctx, wait); err != nil {
			return answer{}, interrupted(call.Module.ID, r, err)
		}
	}
}

// once makes one request. An error means that there is no answer.
func (c *Client) once(ctx context.Context, call Call, r route, header http.Header) (answer, int, error) {
	if r.job { // a look is quick: a module that hangs is asked again
		limit := c.Poll
		if limit == 0 {
			limit = 30 * time.Second
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	var body io.Reader
	if r.body != nil {
		raw, err := json.Marshal(r.body)
		if err != nil {
			return answer{}, 0, err
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, r.method, strings.TrimRight(call.URL, "/")+r.path, body)
	if err != nil {
		return answer{}, 0, err
	}
	request.Header = header.Clone()
	response, err := c.client().Do(request)
	if err != nil {
		return answer{}, 0, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(io.LimitReader(response.Body, mostBody+1))
	if len(got) > mostBody {
		return answer{}, 0, errTooMuch
	}
	if err != nil {
		return answer{}, 0, err
	}
	_, located := response.Header["Location"]
	return answer{body: got, located: located}, response.StatusCode, nil
}

// headerOf are the headers of every request of a call.
func headerOf(call Call) http.Header {
	h := Passed(call.Header)
	h.Set("Accept", "*/*")
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("X-Okapi-Tenant", string(call.Tenant))
	h.Set("X-Okapi-Url", call.OkapiURL)
	h.Set("X-Okapi-Url-To", call.URL)
	id := fmt.Sprintf("%06d/tenant", rand.IntN(1_000_000)) //nolint:gosec // tells requests apart in logs, as Okapi's
	if call.RequestID != "" {
		id = call.RequestID + ";" + id
	}
	h.Set("X-Okapi-Request-Id", id)
	return h
}

func (c *Client) failed(call Call, r route, status int, what string, cause error) error {
	return &failure{
		text:   fmt.Sprintf("%s request for %s %s failed with %s", r.method, call.Module.ID, r.path, what),
		status: status, cause: cause,
	}
}

// interrupted is the error of a call that ran into its deadline, or whose caller went away.
func interrupted(id string, r route, err error) error {
	what := "an interruption"
	if errors.Is(err, context.DeadlineExceeded) {
		what = "no end within its deadline"
	}
	return &failure{text: fmt.Sprintf("%s request for %s %s failed with %s", r.method, id, r.path, what), cause: err}
}

// spell says what is wrong with a connection, without addresses of ours.
func spell(err error) string {
	var address *url.Error
	host := ""
	if errors.As(err, &address) {
		if u, e := url.Parse(address.URL); e == nil {
			host = ": " + u.Host
		}
		err = address.Err
	}
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Connection refused" + host
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "Connection was closed"
	case errors.As(err, &unknown):
		return "Failed to resolve" + host
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time" + host
	}
	return clean(err.Error())
}

// pause waits, or returns ctx's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
