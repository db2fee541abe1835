package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// spec holds answers against the API's own description.
type spec struct {
	mu       sync.Mutex
	doc      map[string]any
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	routes   map[string]*regexp.Regexp
}

func newSpec(t *testing.T, raw []byte) *spec {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	s := &spec{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}, routes: map[string]*regexp.Regexp{}}
	s.compiler.AssertFormat()
	if err := s.compiler.AddResource("urn:spec", doc); err != nil {
		t.Fatal(err)
	}
	for template := range s.doc["paths"].(map[string]any) {
		s.routes[template] = regexp.MustCompile("^" + regexp.MustCompile(`\\\{[^/]*?\\\}`).ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$")
	}
	return s
}

// template is the described path that a path belongs to, the one with the fewest variables.
func (s *spec) template(path string) string {
	best := ""
	for template, form := range s.routes {
		if form.MatchString(path) && (best == "" || strings.Count(template, "{") < strings.Count(best, "{")) {
			best = template
		}
	}
	return best
}

// check says how an answer differs from the description; nil when it fits.
func (s *spec) check(method, path string, status int, contentType string, body []byte) error {
	template := s.template(path)
	if template == "" {
		return s.unknown(status, contentType)
	}
	operation, ok := s.doc["paths"].(map[string]any)[template].(map[string]any)[strings.ToLower(method)].(map[string]any)
	if !ok {
		return s.unknown(status, contentType)
	}
	answer, ok := operation["responses"].(map[string]any)[strconv.Itoa(status)].(map[string]any)
	if !ok {
		return fmt.Errorf("%s %s: status %d is not described", method, template, status)
	}
	content, _ := answer["content"].(map[string]any)
	kind, _, _ := strings.Cut(contentType, ";")
	if len(content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("%s %s %d: a body, and none is described", method, template, status)
		}
		return nil
	}
	if _, ok := content[kind]; !ok {
		return fmt.Errorf("%s %s %d: %q is not described", method, template, status, kind)
	}
	return s.validate(fmt.Sprintf("urn:spec#/paths/%s/%s/responses/%d/content/%s/schema", token(template), strings.ToLower(method), status, token(kind)), body)
}

// unknown is what a route or method answers that is not described: a problem.
func (s *spec) unknown(status int, contentType string) error {
	if status != http.StatusNotFound && status != http.StatusMethodNotAllowed || contentType != "application/problem+json" {
		return fmt.Errorf("a route that is not described answers %d %s", status, contentType)
	}
	return nil
}

func (s *spec) validate(at string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	schema := s.schemas[at]
	if schema == nil {
		compiled, err := s.compiler.Compile(at)
		if err != nil {
			return err
		}
		s.schemas[at], schema = compiled, compiled
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return schema.Validate(value)
}

// token escapes a step of a JSON pointer in a URL.
func token(step string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(step)
}
