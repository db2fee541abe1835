//go:build preview

package views

import (
	"net/http"
	"os"
	"testing"
)

// TestPreview serves the samples for a look with a browser, for as long as the test may run:
//
//	CUTROOM_PREVIEW=127.0.0.1:9090 go test -tags preview -run TestPreview -timeout 1h ./views
func TestPreview(t *testing.T) {
	address := os.Getenv("CUTROOM_PREVIEW")
	server := &http.Server{Addr: address, Handler: preview(os.Getenv("CUTROOM_PREVIEW_FILES"))}
	t.Logf("http://%s/", address)
	if err := server.ListenAndServe(); err != nil {
		t.Fatal(err)
	}
}
