package event_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

func TestPatchRefusesAndChangesNothing(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	for name, c := range map[string]struct {
		patch event.Patch
		want  string
	}{
		"blank":           {event.Patch{Title: event.To("\u0085\u2028")}, "/title"},
		"no title":        {event.Patch{Title: event.Removed[string]()}, "/title"},
		"long":            {event.Patch{Title: event.To(strings.Repeat("ä", 513))}, "/title"},
		"NUL":             {event.Patch{Title: event.To("a\x00b")}, "/title"},
		"bad UTF-8":       {event.Patch{Description: event.To("\xff")}, "/description"},
		"creator":         {event.Patch{Creators: event.To([]string{"A", " "})}, "/creators/1"},
		"language":        {event.Patch{Language: event.To("en_US")}, "/language"},
		"series":          {event.Patch{Series: event.To(event.SeriesID(""))}, "/series"},
		"owner":           {event.Patch{Owner: event.To("nobody")}, "/owner"},
		"no owner":        {event.Patch{Owner: event.Removed[string]()}, "/owner"},
		"name":            {event.Patch{ExtraMetadata: event.To(json.RawMessage(`{"a:b:c":1}`))}, "/extraMetadata/a:b:c"},
		"pointer":         {event.Patch{ExtraMetadata: event.To(json.RawMessage(`{"a/b":1}`))}, "/extraMetadata/a~1b"},
		"NUL in metadata": {event.Patch{ExtraMetadata: event.To(json.RawMessage(`{"a:b":{"c":"\u0000"}}`))}, "/extraMetadata/a:b"},
		"huge number":     {event.Patch{ExtraMetadata: event.To(json.RawMessage(`{"a:b":1e99999}`))}, "/extraMetadata/a:b"},
		"deep":            {event.Patch{ExtraMetadata: event.To(json.RawMessage(`{"a:b":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`))}, "/extraMetadata/a:b"},
		"a list":          {event.Patch{ExtraMetadata: event.To(json.RawMessage(`[1]`))}, "/extraMetadata"},
	} {
		_, err := b.store.Patch(t.Context(), b.ben, e.ID, c.patch, "")
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now := b.find(e.ID); event.ETag(now) != event.ETag(e) {
		t.Error("something changed")
	}
	_, err := b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{Title: event.To(" "), Language: event.To("e"), Creators: event.To([]string{""})}, "")
	b.fields(err, "/title", "/language", "/creators/0")
}

func TestModifiedRisesWithChangesOnly(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{Title: "Same", Creators: []string{"A"}, ExtraMetadata: json.RawMessage(`{"x:y":{"b":1,"a":[2.50]}}`)})
	b.bus.take()
	for name, p := range map[string]event.Patch{
		"nothing": {}, "title": {Title: event.To("Same")}, "creators": {Creators: event.To([]string{"A"})}, "language": {Language: event.Removed[string]()},
		"metadata": {ExtraMetadata: event.To(json.RawMessage(`{"x:y":{"a":[2.50]}}`))}, "acl": {ACL: event.To(e.ACL)},
	} {
		if now := b.patch(e.ID, p); !now.Modified.Equal(e.Modified) {
			t.Errorf("%s: modified rose", name)
		}
	}
	if got := b.bus.take(); len(got) != 0 {
		t.Errorf("told the bus %v", got)
	}
	last := e
	for name, p := range map[string]event.Patch{
		"title": {Title: event.To("New")}, "description": {Description: event.To("d")}, "creators": {Creators: event.To([]string{})}, "language": {Language: event.To("de")},
		"metadata": {ExtraMetadata: event.To(json.RawMessage(`{"x:y":{"b":null}}`))}, "start": {StartTime: event.To(time.Now())},
		"acl": {ACL: event.To(append(e.ACL, event.ACLEntry{Role: "ROLE_X", Action: "annotate"}))},
	} {
		now := b.patch(e.ID, p)
		if !now.Modified.After(last.Modified) || event.ETag(now) == event.ETag(last) || !now.Created.Equal(e.Created) {
			t.Errorf("%s: modified %v after %v", name, now.Modified, last.Modified)
		}
		last = now
	}
	if got := len(b.bus.take()); got != 7 {
		t.Errorf("told the bus of %d changes", got)
	}
}

func TestExtraMetadataIsExact(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{ExtraMetadata: json.RawMessage(`{"a:max":9223372036854775807,"a:min":-9223372036854775808,"a:odd":9007199254740993,"a:gone":null,"a:deep":{"x":1,"y":2}}`)})
	b.patch(e.ID, event.Patch{ExtraMetadata: event.To(json.RawMessage(`{"a:odd":null,"a:deep":{"x":null,"z":[null,true,{"b":{}}]},"b:new":"ä"}`))})
	var got map[string]json.RawMessage
	if err := json.Unmarshal(b.find(e.ID).ExtraMetadata, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a:max": "9223372036854775807", "a:min": "-9223372036854775808", "a:deep": `{"y": 2, "z": [null, true, {"b": {}}]}`, "b:new": `"ä"`}
	for k, v := range want {
		if string(got[k]) != v {
			t.Errorf("%s is %s, want %s", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d names, want %d", len(got), len(want))
	}
}

func TestEndIsNotBeforeStart(t *testing.T) {
	b := setup(t)
	at := func(text string) time.Time {
		v, ok := event.ParseDateTime(text)
		if !ok {
			t.Fatal(text)
		}
		return v
	}
	e := b.event(event.Draft{})
	now := b.patch(e.ID, event.Patch{StartTime: event.To(at("2026-11-22T10:00:00.250+01:00")), EndTime: event.To(at("2026-11-22T09:30:00Z"))})
	if got := event.FormatTime(*now.StartTime); got != "2026-11-22T09:00:00.250Z" {
		t.Errorf("start is %s", got)
	}
	b.fields(second(b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{EndTime: event.To(at("2026-11-22T08:59:59Z"))}, "")), "/endTime")
	b.fields(second(b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{StartTime: event.To(at("2026-11-23T00:00:00Z"))}, "")), "/endTime")
}

func TestParseDateTime(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000+01:00", "2024-02-29T23:59:59-11:30"} {
		if _, ok := event.ParseDateTime(good); !ok {
			t.Errorf("%s is refused", good)
		}
	}
	for _, bad := range []string{"", "2026-11-22", "2026-11-22T10:00:00", "2026-02-30T10:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T10:00Z", "2026-11-22t10:00:00z", "2026-11-22T10:00:00.1234Z", "9999-12-31T23:59:59-01:00"} {
		if _, ok := event.ParseDateTime(bad); ok {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestOfManyWritersWithOneETagOneWins(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	results := make(chan error, 8)
	var all sync.WaitGroup
	for range cap(results) {
		all.Go(func() {
			_, err := b.store.Patch(t.Context(), b.ben, e.ID, event.Patch{Title: event.To("Racer")}, event.ETag(e))
			results <- err
		})
	}
	all.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
			continue
		}
		if current, ok := b.kind(err, fault.Precondition).Current.(event.Event); !ok || current.Title != "Racer" {
			t.Errorf("the present value is %v", current)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
	if now := b.patch(e.ID, event.Patch{}); now.Title != "Racer" {
		t.Error("nobody wrote")
	}
}

func TestTheSchemaIsTheSecondWall(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	err := b.db.Tx(t.Context(), b.ben.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "update event set title = ' ' where id = $1", e.ID)
		return err
	})
	if err == nil {
		t.Error("a blank title got in")
	}
}
