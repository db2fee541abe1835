package event_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

func TestAssetsKeepTheirRules(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	two := result("x", 1)
	two.EventID = e.ID
	two.Streams = []event.Stream{{Kind: "video"}, {Kind: "video"}}
	for name, change := range map[string]func(*event.Asset){
		"/flavor": func(a *event.Asset) { a.Flavor = "ä/b" }, "/checksum": func(a *event.Asset) { a.Checksum = "sha1:1" }, "/mimeType": func(a *event.Asset) { a.MimeType = "video" },
		"/duration": func(a *event.Asset) { a.Duration = nil }, "/streams": func(a *event.Asset) { a.Streams = nil }, "/kind": func(a *event.Asset) { a.Kind = "file" },
		"/tags/0": func(a *event.Asset) { a.Tags = []string{" "} }, "/properties/a b": func(a *event.Asset) { a.Properties = map[string]string{"a b": ""} },
	} {
		a := original(e.ID, "p", 1000)
		change(&a)
		err := b.db.Tx(t.Context(), b.ben.Tenant, func(tx pgx.Tx) error {
			_, err := event.AddAssetTx(t.Context(), tx, a)
			return err
		})
		f := fault.As(err)
		if f == nil || len(f.Fields) == 0 || f.Fields[0].Path != name && name != "/kind" {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := b.db.Tx(t.Context(), b.ben.Tenant, func(tx pgx.Tx) error { return second(event.AddAssetTx(t.Context(), tx, two)) })
	b.fields(err, "/streams")
}

func TestSwapIsOneTransaction(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	first := b.add(original(e.ID, "in/a", 9000))
	swap := func(paths []string, length int64, rev int64) error {
		s := event.Swap{Duration: event.Milliseconds(length), Rev: rev}
		for _, p := range paths {
			s.Assets = append(s.Assets, result(p, length))
		}
		return b.db.Tx(t.Context(), b.ben.Tenant, func(tx pgx.Tx) error { return event.SwapTx(t.Context(), tx, e.ID, s) })
	}
	if err := swap([]string{"out/1", "out/2"}, 5000, 3); err != nil {
		t.Fatal(err)
	}
	was := b.find(e.ID)
	if len(was.Assets) != 3 || *was.Duration != 5000 || *was.PublishedRev != 3 || was.PublishedAt == nil {
		t.Fatalf("%+v", was)
	}
	if err := swap([]string{"out/3"}, 4000, 4); err != nil {
		t.Fatal(err)
	}
	now := b.find(e.ID)
	if len(now.Assets) != 2 || *now.Duration != 4000 || !now.Modified.After(was.Modified) {
		t.Fatalf("%+v", now)
	}
	b.tx(func(tx pgx.Tx) error {
		var retired int
		if err := tx.QueryRow(t.Context(), "select count(*) from retired_asset where event_id = $1 and path like 'out/_'", e.ID).Scan(&retired); err != nil || retired != 2 {
			t.Errorf("%d retired, %v", retired, err)
		}
		return nil
	})
	if !slices.ContainsFunc(now.Assets, func(a event.Asset) bool { return a.ID == first.ID && a.Source }) {
		t.Errorf("the original is gone: %+v", now.Assets)
	}
	wrong := result("out/4", 1)
	err := b.db.Tx(t.Context(), b.ben.Tenant, func(tx pgx.Tx) error {
		return event.SwapTx(t.Context(), tx, e.ID, event.Swap{Assets: []event.Asset{wrong}, Duration: 2, Rev: 5})
	})
	if err == nil {
		t.Error("a track that differs from its event got in")
	}
	if after := b.find(e.ID); event.ETag(after) != event.ETag(now) {
		t.Error("a refused swap changed something")
	}
}

func TestStates(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{})
	set := func(state event.State, text string) event.Event {
		b.tx(func(tx pgx.Tx) error { return event.SetStateTx(t.Context(), tx, e.ID, state, text) })
		return b.find(e.ID)
	}
	if now := set(event.Failed, "no picture"); now.State != event.Failed || *now.Error != "no picture" {
		t.Errorf("%+v", now)
	}
	ready := set(event.Ready, "")
	if ready.Error != nil {
		t.Errorf("the error stays: %v", *ready.Error)
	}
	if again := set(event.Ready, ""); event.ETag(again) != event.ETag(ready) {
		t.Error("no change changed it")
	}
	err := b.db.Tx(t.Context(), b.ben.Tenant, func(tx pgx.Tx) error { return event.SetStateTx(t.Context(), tx, "none", event.Ready, "") })
	b.kind(err, fault.NotFound)
}
