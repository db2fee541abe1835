package views

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTryingAProvider asks a service as it is typed: the findings come into the page, what was typed stays, the secret too.
func TestTryingAProvider(t *testing.T) {
	ctx := browser(t)
	asked := make(chan string, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /settings/sign-in/_try", func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- r.FormValue("issuer") + " " + r.FormValue("client") + " " + r.FormValue("secret") + " " + r.Header.Get("HX-Request"):
		default:
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = ProviderFindings(ProviderTrial{[]ProviderFinding{{"done", "It publishes 2 keys"}}}).Render(r.Context(), w)
	})
	mux.Handle("/", preview(""))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/providers"))
	run[string](t, ctx, `document.getElementById("provider-issuer").value = "https://login.example"; document.getElementById("provider-client").value = "cutroom"; document.getElementById("provider-secret").value = "secret"; ""`)
	run[string](t, ctx, `document.querySelector('[formaction="/settings/sign-in/_try"]').click(); ""`)
	until(t, ctx, "what was found", `document.querySelector("#provider-trial li")?.innerText.includes("2 keys")`)
	if got := <-asked; got != "https://login.example cutroom secret true" {
		t.Errorf("asked for %q", got)
	}
	if kept := run[string](t, ctx, `document.getElementById("provider-secret").value + " " + location.pathname`); kept != "secret /providers" {
		t.Errorf("left is %q", kept)
	}
	do(t, ctx, chromedp.Navigate(server.URL+"/provider"))
	run[string](t, ctx, `document.querySelector('[data-dialog="provider-remove"]').click(); ""`)
	until(t, ctx, "the question", `document.getElementById("provider-remove").open`)
}
