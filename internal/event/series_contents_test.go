package event_test

import (
	"encoding/json"
	"testing"

	"cutroom/internal/event"
	"cutroom/internal/user"
)

func TestContentsOfSeries(t *testing.T) {
	b := setup(t)
	var ids []event.SeriesID
	for _, title := range []string{"Physics", "Chemistry", "Empty"} {
		one, err := b.store.CreateSeries(t.Context(), b.ben, event.SeriesDraft{Title: title})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one.ID)
	}
	physics, chemistry, empty := ids[0], ids[1], ids[2]
	shared := []event.ACLEntry{{Role: user.OwnRole("ben"), Action: "write"}, {Role: user.OwnRole("vera"), Action: "read"}}
	thumbnail := func(e event.Event, internal bool) event.AssetID {
		return b.add(event.Asset{EventID: e.ID, Kind: "attachment", Flavor: "oc/thumbnail", MimeType: "image/jpeg", Size: 1, Checksum: sum("x"),
			Internal: internal, Path: "assets/" + string(e.ID) + "/picture.jpg"}).ID
	}
	old := b.event(event.Draft{Series: &physics, ACL: shared})
	thumbnail(old, true)
	public := thumbnail(old, false)
	own := thumbnail(b.event(event.Draft{Series: &physics}), true)
	b.event(event.Draft{Series: &physics}) // without a picture
	b.event(event.Draft{Series: &physics, ACL: shared, ExtraMetadata: json.RawMessage(`{"ocx:listed":false}`)})
	binned := b.event(event.Draft{Series: &chemistry, ACL: shared})
	thumbnail(b.event(event.Draft{Series: &chemistry, ACL: shared}), true)
	if err := b.store.Delete(t.Context(), b.ben, binned.ID); err != nil {
		t.Fatal(err)
	}
	type seen struct {
		events  int
		picture event.AssetID
	}
	contents := func(who user.Who) map[event.SeriesID]seen {
		found, err := b.store.Contents(t.Context(), who, ids)
		if err != nil {
			t.Fatal(err)
		}
		all := map[event.SeriesID]seen{}
		for id, c := range found {
			one := seen{events: c.Events}
			if c.Picture != nil {
				one.picture = c.Picture.ID
				if c.Picture.Flavor != "oc/thumbnail" || c.Picture.Path == "" || c.Picture.MimeType != "image/jpeg" || c.Picture.EventID == "" {
					t.Errorf("%s sees half a picture: %+v", who.User, *c.Picture)
				}
			}
			all[id] = one
		}
		return all
	}
	for _, who := range []user.Who{b.ben, b.ada} {
		if got := contents(who); got[physics] != (seen{4, own}) || got[chemistry].events != 1 || got[chemistry].picture == "" || got[empty] != (seen{}) {
			t.Errorf("%s sees %v", who.User, got)
		}
	}
	if got := contents(b.vera); got[physics] != (seen{1, public}) || got[chemistry] != (seen{1, ""}) || len(got) != 2 {
		t.Errorf("vera, who may read one listed recording of each, sees %v", got)
	}
	if got := contents(b.chloe); len(got) != 0 {
		t.Errorf("chloe, who may read none, sees %v", got)
	}
}
