package handlers

import (
	"bytes"
	"encoding/json"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/presence"
	"cutroom/internal/run"
)

// What the server says. LIVE.md has the meaning of each.
type (
	sayHello struct {
		Type  string         `json:"type"`
		Rev   edit.Rev       `json:"rev"`
		State *edit.State    `json:"state,omitempty"`
		Ops   *[]edit.Logged `json:"ops,omitempty"`
		You   sayYou         `json:"you"`
		Mode  string         `json:"mode"`
		Pen   *sayYou        `json:"pen"`
	}
	sayYou struct {
		Session string `json:"session"`
		User    string `json:"user"`
		Name    string `json:"name"`
	}
	sayOps struct {
		Type string        `json:"type"`
		Ops  []edit.Logged `json:"ops"`
	}
	sayAck struct {
		Type string   `json:"type"`
		ID   string   `json:"id"`
		Rev  edit.Rev `json:"rev"`
	}
	sayRefuse struct {
		Type    string `json:"type"`
		ID      string `json:"id,omitempty"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	sayEditors struct {
		Type    string            `json:"type"`
		Editors []presence.Editor `json:"editors"`
	}
	sayRun struct {
		Type string  `json:"type"`
		Run  liveRun `json:"run"`
	}
	sayMetadata struct {
		Type     string   `json:"type"`
		Fields   []string `json:"fields"`
		By       *sayYou  `json:"by"`
		Modified string   `json:"modified"`
	}
)

// liveRun is what the publish button shows of a run.
type liveRun struct {
	ID          run.ID    `json:"id"`
	State       run.State `json:"state"`
	Step        string    `json:"step,omitempty"`
	Progress    float64   `json:"progress"`
	EtaMs       *int64    `json:"etaMs,omitempty"`
	Rev         int64     `json:"rev"`
	RequestedBy string    `json:"requestedBy"`
	Error       string    `json:"error,omitempty"`
}

func showLiveRun(r run.Run) liveRun {
	out := liveRun{ID: r.ID, State: r.State, Progress: r.Progress, EtaMs: r.EtaMs, Rev: r.Rev, RequestedBy: r.RequestedName, Error: r.Error}
	for _, s := range r.Steps {
		if s.State == "running" {
			out.Step = s.Name
		}
	}
	return out
}

// heard is what a client says, of whatever type.
type heard struct {
	Type      string          `json:"type"`
	ID        string          `json:"id"`
	Base      edit.Rev        `json:"base"`
	Op        json.RawMessage `json:"op"`
	Place     string          `json:"place"`
	Playhead  *float64        `json:"playhead"`
	Selection []float64       `json:"selection"`
	Drag      *float64        `json:"drag"`
	Do        string          `json:"do"`
}

// hear reads a frame, strictly. When it is not ok, its id is there as far as it could be read.
func hear(frame []byte) (m heard, ok bool) {
	if !json.Valid(frame) {
		return m, false
	}
	d := json.NewDecoder(bytes.NewReader(frame))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err == nil {
		return m, true
	}
	var named struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(frame, &named)
	return heard{ID: named.ID}, false
}

// moment is what a where message says of the moment; false when it makes no sense.
func (m heard) moment() (presence.Moment, bool) {
	var out presence.Moment
	ms := func(f float64) int64 { return int64(f) }
	valid := func(f float64) bool { return f >= 0 && f < 1<<53 }
	if m.Playhead != nil {
		if !valid(*m.Playhead) {
			return out, false
		}
		at := ms(*m.Playhead)
		out.Playhead = &at
	}
	if m.Drag != nil {
		if !valid(*m.Drag) {
			return out, false
		}
		at := ms(*m.Drag)
		out.Drag = &at
	}
	switch {
	case len(m.Selection) == 0:
		return out, true
	case len(m.Selection) != 2 || !valid(m.Selection[0]) || !valid(m.Selection[1]):
		return out, false
	}
	out.Selection = []int64{ms(m.Selection[0]), ms(m.Selection[1])}
	return out, true
}

// encode makes a frame. Our own types cannot fail.
func encode(message any) []byte {
	raw, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return raw
}

func opsFrame(ops []edit.Logged) []byte { return encode(sayOps{"ops", ops}) }

func ackFrame(id string, rev edit.Rev) []byte { return encode(sayAck{"ack", id, rev}) }

func metadataFrame(fields []string, by *sayYou, e event.Event) []byte {
	return encode(sayMetadata{Type: "metadata", Fields: fields, By: by, Modified: event.FormatTime(e.Modified)})
}
