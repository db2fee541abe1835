package live

import "encoding/json"

// Notice is a wake-up: topic "noun:id" of a tenant, with the rev that is there at least. Topics in use: "edit:<event>"
// (rev of the edit), "event:<event>" (metadata, assets, ACL), "presence:<event>", "run:<run>", "runs:<event>" (any run of the
// event), "series:<series>" (any of it), "settings:", "session:<hash>" (revoked or rights changed), "user:<name>". Nobody hears "run:" and
// "settings:" yet: pages ask by themselves, settings are read in each transaction.
type Notice struct {
	Tenant string `json:"t"`
	Topic  string `json:"o"`
	Rev    int64  `json:"r,omitempty"` // 0: ask what is new
}

// Whisper is something that is true for a moment only and stored nowhere: a playhead. Of several with the same tenant,
// topic and key the last one counts.
type Whisper struct {
	Tenant string          `json:"t"`
	Topic  string          `json:"o"`
	Key    string          `json:"k"`
	Value  json.RawMessage `json:"v"`
}

// Publisher is what the nouns need of the bus; call it after the commit only.
type Publisher interface {
	Publish(notices ...Notice)
}

// Discard is a Publisher for commands and tests that nobody watches.
type Discard struct{}

// Publish does nothing.
func (Discard) Publish(...Notice) {}

// Subscribe gives a channel on which nothing comes.
func (Discard) Subscribe(string, string) (notices <-chan Notice, cancel func()) {
	return nil, func() {}
}
