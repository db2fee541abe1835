package lti

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// membersType is what a list of members is (Names and Roles 2.0, 2.1).
const membersType = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

// member is somebody in a course, as the platform tells.
type member struct {
	Subject string   `json:"user_id"`
	Status  string   `json:"status"` // Active when absent, Inactive, Deleted
	Name    string   `json:"name"`
	Given   string   `json:"given_name"`
	Family  string   `json:"family_name"`
	Roles   []string `json:"roles"`
}

func (m member) active() bool { return m.Status == "" || strings.EqualFold(m.Status, "Active") }

// name is what the person is called; "" when the platform keeps it to itself.
func (m member) name() string {
	if name := strings.TrimSpace(m.Name); name != "" {
		return name
	}
	return strings.TrimSpace(strings.TrimSpace(m.Given) + " " + strings.TrimSpace(m.Family))
}

// eachMembersPage reads the list page by page, on the origin of its address alone, and up to 10,000 people.
func (s *Store) eachMembersPage(ctx context.Context, address, token string, do func([]member) error) error {
	first, err := url.Parse(address)
	if err != nil {
		return err
	}
	if query := first.Query(); !query.Has("limit") {
		query.Set("limit", strconv.Itoa(membersPage))
		first.RawQuery = query.Encode()
	}
	read, at, seen := 0, first, map[string]bool{}
	for at != nil {
		if seen[at.String()] {
			return errors.New("its pages lead round in a circle")
		}
		seen[at.String()] = true
		page, next, err := s.membersPage(ctx, at, token)
		if err != nil {
			return err
		}
		if read += len(page); read > mostMembers {
			return fmt.Errorf("it has more than %d members", mostMembers)
		}
		if err := do(page); err != nil {
			return err
		}
		if next != nil && !samePlace(next, first) {
			return fmt.Errorf("its next page is on another origin, %s", next.Host)
		}
		at = next
	}
	return nil
}

func (s *Store) membersPage(ctx context.Context, at *url.URL, token string) (page []member, next *url.URL, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Accept", membersType)
	r.Header.Set("Authorization", "Bearer "+token)
	body, header, err := s.answerTo(r)
	if err != nil {
		return nil, nil, err
	}
	if page, err = parseMembers(body); err != nil {
		return nil, nil, err
	}
	return page, nextLink(at, header.Values("Link")), nil
}

// answerTo reads an answer of a platform: status 200, up to 256 kB.
func (s *Store) answerTo(r *http.Request) ([]byte, http.Header, error) {
	if err := asked(r.URL); err != nil {
		return nil, nil, err
	}
	res, err := s.asking().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("it answers %s", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, fetchMost+1))
	if err == nil && len(body) > fetchMost {
		err = errors.New("it is larger than 256 kB")
	}
	return body, res.Header, err
}

// parseMembers reads a page. Who has no id is nobody.
func parseMembers(body []byte) ([]member, error) {
	var container struct {
		Members []member `json:"members"`
	}
	if err := json.Unmarshal(body, &container); err != nil {
		return nil, fmt.Errorf("it is no list of members: %w", err)
	}
	page := container.Members[:0]
	for _, m := range container.Members {
		if m.Subject == "" {
			continue
		}
		if len(m.Roles) > mostRoles {
			m.Roles = m.Roles[:mostRoles]
		}
		page = append(page, m)
	}
	return page, nil
}

// nextLink finds rel="next" in Link headers (RFC 8288); nil at the end.
func nextLink(at *url.URL, headers []string) *url.URL {
	for _, header := range headers {
		for rest := header; ; {
			_, after, found := strings.Cut(rest, "<")
			if !found {
				break
			}
			target, params, found := strings.Cut(after, ">")
			if !found {
				break
			}
			params, rest = untilNextLink(params)
			if !isNext(params) {
				continue
			}
			if next, err := at.Parse(strings.TrimSpace(target)); err == nil {
				return next
			}
		}
	}
	return nil
}

// untilNextLink parts a link's parameters from the links after it: at a comma that stands in no quotes.
func untilNextLink(text string) (params, rest string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ',' && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

func isNext(params string) bool {
	for _, param := range strings.Split(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, "next") {
				return true
			}
		}
	}
	return false
}
