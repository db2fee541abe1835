package lti

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Limits of what is read from a platform.
const (
	fetchTime     = 5 * time.Second
	fetchMost     = 256 << 10
	mostRedirects = 3
)

// fetch reads a document of a platform: up to 256 kB in 5 seconds, by https or on loopback, following it on its own origin alone.
func (s *Store) fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if err := asked(r.URL); err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	res, err := s.asking().Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, fetchMost+1))
	if err == nil && len(body) > fetchMost {
		err = errors.New("it is larger than 256 kB")
	}
	return body, err
}

// asking is the client for what belongs to platforms: without cookies, and never led to another origin.
func (s *Store) asking() *http.Client {
	client := http.Client{Timeout: fetchTime}
	if s.HTTP != nil {
		client = *s.HTTP
	}
	client.Jar = nil
	client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if len(via) > mostRedirects {
			return errors.New("it leads on and on")
		}
		if !samePlace(r.URL, via[0].URL) {
			return fmt.Errorf("it leads to another origin, %s", r.URL.Host)
		}
		return nil
	}
	return &client
}
