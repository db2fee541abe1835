package install

import "net/http"

// Client calls modules' tenant interfaces.
type Client struct {
	HTTP *http.Client
}
