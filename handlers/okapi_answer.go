package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"cutroom/internal/fault"
)

// okapiFault has a text of Okapi's: programs alone hear it, and they may compare.
func okapiFault(kind fault.Kind, format string, args ...any) *fault.Error {
	return fault.Newf(kind, "", format, args...)
}

// badOkapi refuses a request that cannot be meant.
func badOkapi(format string, args ...any) *fault.Error {
	return okapiFault(fault.Malformed, format, args...)
}

// okapiStatus is the status of a refusal: whatever is wrong with a request is 400 there.
func okapiStatus(kind fault.Kind) int {
	switch kind {
	case fault.Unauthorized, fault.Forbidden, fault.NotFound, fault.NotAllowed, fault.Limited, fault.Unavailable, fault.Internal:
		return kind.Status()
	}
	return http.StatusBadRequest
}

// json answers a value as Okapi does: indented, for people read this with curl.
func (c *okapiCall) json(status int, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	_, _ = b.WriteTo(c.w)
	return nil
}

// created answers 201 with a Location below a path: the ids are escaped.
func (c *okapiCall) created(path string, v any, ids ...string) error {
	for _, id := range ids {
		path += "/" + url.PathEscape(id)
	}
	c.w.Header().Set("Location", path)
	return c.json(http.StatusCreated, v)
}

// nothing answers a status without a body.
func (c *okapiCall) nothing(status int) error {
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	return nil
}

// path is that of the request as it came, without the query.
func (c *okapiCall) path() string { return c.URL.EscapedPath() }

// okapiOnce answers a call; one with an Idempotency-Key once for each key of an operator.
func (s *Server) okapiOnce(c *okapiCall, rt okapiRoute) {
	do := func(w http.ResponseWriter) {
		c.w = w
		if err := rt.answer(c); err != nil {
			s.answer(w, c.Request, err)
		}
	}
	key, given := idempotencyKey(c.Request)
	if !given || !c.who.SignedIn() {
		do(c.w)
		return
	}
	s.once(c.w, c.Request, key, sha256.Sum256(c.body), onceStaleFiles, do)
}

// okapiVersion tells the version of the product.
func (s *Server) okapiVersion(c *okapiCall) error {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(c.w, versionOf(s.Config.Version))
	return nil
}

// okapiHealth says that the process answers, in Okapi's empty words.
func (s *Server) okapiHealth(c *okapiCall) error { return c.json(http.StatusOK, []string{}) }

// quoted keeps a value of the caller's readable in an error.
func quoted(v string) string { return strconv.Quote(v) }
