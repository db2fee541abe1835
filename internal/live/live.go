// Package live carries wake-ups between the nodes. A notice only wakes: it holds ids and revs, never the truth; whoever
// is woken asks the database what is new since the rev it knows. See doc.go for the protocol.
package live

// Notice is a wake-up: topic "noun:id" of a tenant, with the rev that is there at least. Topics in use: "edit:<event>"
// (rev of the edit), "event:<event>" (metadata, assets, ACL), "presence:<event>", "run:<run>", "runs:<event>" (any run of the
// event), "settings:", "session:<hash>" (revoked or rights changed), "user:<name>".
type Notice struct {
	Tenant string `json:"t"`
	Topic  string `json:"o"`
	Rev    int64  `json:"r,omitempty"`
}

// Publisher is what the nouns need of the bus; call it after the commit only.
type Publisher interface {
	Publish(notices ...Notice)
}

// Discard is a Publisher for commands and tests that nobody watches.
type Discard struct{}

// Publish does nothing.
func (Discard) Publish(...Notice) {}
