package views

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTenantsGrowAndLookAgain works on the list: more rows are added by hand, a choice lives through the rows' looking again.
func TestTenantsGrowAndLookAgain(t *testing.T) {
	ctx := browser(t)
	mux := http.NewServeMux()
	var asked atomic.Int32
	mux.HandleFunc("GET /tenants/_list", func(w http.ResponseWriter, r *http.Request) {
		list := sampleTenants().List
		if r.FormValue("cursor") != "" {
			list = TenantList{Rows: []TenantRow{{ID: "zuletzt", Name: "Zuletzt", Modules: 1, Newer: 1, Recordings: 3}}}
		} else {
			asked.Add(1)
			list.Rows[0].Install, list.Rows[0].Newer = "", 0
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = TenantRows(list).Render(r.Context(), w)
	})
	mux.Handle("/", preview(""))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	do(t, ctx, onNew(watchPolicy), chromedp.Navigate(server.URL+"/tenants"))
	do(t, ctx, chromedp.Click(chromedp.CSS("#tenant-kunst [data-bulk-one]")))
	until(t, ctx, "the choice is counted", `document.querySelector("[data-bulk-count]").textContent === "1 tenant chosen" && !document.querySelector("[data-bulk-bar] button").disabled`)
	until(t, ctx, "the finished job is gone from the list", `document.querySelector("#tenant-hsnord .tag-done") && !document.querySelector(".tenant-install")`)
	if !run[bool](t, ctx, `document.querySelector("#tenant-kunst [data-bulk-one]").checked && document.querySelectorAll("#tenants > tr").length === 6`) {
		t.Error("the choice, or a row, was lost: ", run[string](t, ctx, `document.getElementById("tenants").outerHTML`))
	}
	do(t, ctx, chromedp.Click(chromedp.CSS("#tenants-more a")))
	until(t, ctx, "the rows after these", `document.getElementById("tenant-zuletzt") && document.querySelectorAll("#tenants > tr").length === 6 && !document.getElementById("tenants-more")`)
	if wrong := run[[]string](t, ctx, "window.wrong"); len(wrong) > 0 {
		t.Error("blocked or thrown:", wrong)
	}
}

// TestARefusedTenantComesBackOpen finds the dialog open, with the focus on what is wrong; Escape closes it.
func TestARefusedTenantComesBackOpen(t *testing.T) {
	ctx := browser(t)
	server := httptest.NewServer(preview(""))
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/tenants-empty"))
	until(t, ctx, "the dialog", `document.getElementById("new-tenant").open && document.activeElement.id === "new-id" && document.activeElement.value === "HS Nord"`)
}

// TestAnInstallIsWatchedToItsEnd sees a job go on, hears of it, and stops asking at its end.
func TestAnInstallIsWatchedToItsEnd(t *testing.T) {
	ctx := browser(t)
	mux := http.NewServeMux()
	var asked atomic.Int32
	job := func() InstallJob {
		j := sampleInstall()
		j.Modules[1].State, j.Modules[2].State = "done", "running"
		if asked.Add(1) > 2 {
			j.State, j.Ended, j.MayAbort = "done", time.Now(), false
			for i := range j.Modules {
				j.Modules[i].State = "done"
			}
		}
		return j
	}
	mux.HandleFunc(fmt.Sprintf("GET /installs/%s/progress", sampleInstall().ID), func(w http.ResponseWriter, r *http.Request) {
		_ = InstallProgress(job()).Render(r.Context(), w)
	})
	mux.Handle("/", preview(""))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	do(t, ctx, onNew(watchPolicy), chromedp.Navigate(server.URL+"/install-read"))
	until(t, ctx, "2 of 4", `document.querySelector("#install-progress h2").textContent === "2 of 4 modules"`)
	until(t, ctx, "the end", `document.querySelector("#install-progress h2").textContent === "4 of 4 modules" && document.querySelector("[data-progress-spoken]").textContent.includes("Done") && !document.getElementById("install-progress").hasAttribute("data-live")`)
	if wrong := run[[]string](t, ctx, "window.wrong"); len(wrong) > 0 {
		t.Error("blocked or thrown:", wrong)
	}
}

// TestModuleMenuByKeyboard opens a module's menu and comes to its entries with keys alone.
func TestModuleMenuByKeyboard(t *testing.T) {
	ctx := browser(t)
	server := httptest.NewServer(preview(""))
	t.Cleanup(server.Close)
	do(t, ctx, chromedp.Navigate(server.URL+"/tenant-disable"))
	run[bool](t, ctx, `(document.querySelector('[popovertarget="module-cutroom-editor"]').focus(), true)`)
	do(t, ctx, chromedp.KeyEvent("\r"))
	until(t, ctx, "the first entry has the focus", `document.activeElement.textContent.includes("Upgrade to 1.4.0")`)
	do(t, ctx, chromedp.KeyEvent(kb.ArrowDown))
	until(t, ctx, "the second entry", `document.activeElement.textContent.includes("Disable")`)
}
