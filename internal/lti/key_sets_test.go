package lti

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cutroom/internal/lti/stubplatform"
)

func encodeKeys(p *stubplatform.Platform) (string, error) {
	var list []string
	for _, key := range p.JWKS().Keys {
		raw, err := key.MarshalJSON()
		if err != nil {
			return "", err
		}
		list = append(list, string(raw))
	}
	return `{"keys":[` + strings.Join(list, ",") + `]}`, nil
}

func TestKeySetsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	elsewhere := stubplatform.New()
	t.Cleanup(elsewhere.Close)
	good, err := encodeKeys(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for _, is := range []struct {
		name, id string
		serve    http.HandlerFunc
	}{
		{"an error", "lti.keys-unreachable", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, good, 500) }},
		{"not there", "lti.keys-unreachable", http.NotFound},
		{"another origin", "lti.keys-unreachable", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.JWKSURL(), http.StatusFound)
		}},
		{"the same host at localhost", "lti.keys-unreachable", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(elsewhere.JWKSURL(), "127.0.0.1", "localhost", 1), http.StatusFound)
		}},
		{"round and round", "lti.keys-unreachable", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
		{"more than 256 kB", "lti.keys-unreachable", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.TrimSuffix(good, "}"), strings.Repeat(" ", 256<<10), "}")
		}},
		{"endless", "lti.keys-unreachable", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}},
		{"cut off", "lti.keys-unreachable", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, good)
		}},
		{"a page", "lti.keys-unreadable", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }},
		{"no keys", "lti.keys-unreadable", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) }},
		{"keys that are a text", "lti.keys-unreadable", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":"x"}`) }},
		{"an empty set", "lti.kid-unknown", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":[]}`) }},
		{"odd keys", "lti.kid-unknown", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"keys":[5,null,{"kty":"???","kid":"key-1"},{"kty":"oct","kid":"key-1","k":"c2VjcmV0"},{"kty":"RSA","kid":"key-1","n":"!","e":"AQAB"}]}`)
		}},
	} {
		l := keyHolder(t)
		l.stub.ServeKeys(is.serve)
		wantID(t, is.name, l.key(t, "key-1"), is.id)
	}
}

func TestKeySetsThatAreTaken(t *testing.T) {
	t.Parallel()
	l := keyHolder(t)
	good, err := encodeKeys(l.stub)
	if err != nil {
		t.Fatal(err)
	}
	for name, serve := range map[string]http.HandlerFunc{
		"beside keys of other kinds": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Replace(good, "[", `[{"kty":"AKP","kid":"new"},{"kty":"EC"},`, 1))
		},
		"behind an address of the same origin": func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("moved") == "" {
				http.Redirect(w, r, "/jwks?moved=1", http.StatusMovedPermanently)
				return
			}
			fmt.Fprint(w, good)
		},
	} {
		l.stub.ServeKeys(serve)
		l.Store = &Store{}
		if err := l.key(t, "key-1"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
