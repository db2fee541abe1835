package otherplatform

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// ask makes a request of the platform and gives the answer's headers; an error of it fails the test, its words tell why.
func ask(t testing.TB, client *http.Client, method, address string, form url.Values, into any) http.Header {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode >= 400 {
		t.Fatalf("the platform answers %s: %s", answer.Status, body)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	return answer.Header
}

func values(form map[string]string) url.Values {
	all := url.Values{}
	for name, value := range form {
		all.Set(name, value)
	}
	return all
}
