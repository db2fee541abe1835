package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
)

func TestDuplicateCopiesAllButWhatNamesIt(t *testing.T) {
	b := setup(t)
	at := time.Now()
	e := b.event(event.Draft{Description: "to copy", Creators: []string{"A"}, StartTime: &at, ExtraMetadata: json.RawMessage(`{"x:y":[9007199254740993]}`), ImportReport: []event.Finding{{Field: "title", Message: "taken from the file"}}})
	b.patch(e.ID, event.Patch{ACL: event.To(append(e.ACL, event.ACLEntry{Role: "ROLE_USER_CHLOE", Action: "write"}))})
	a := b.add(original(e.ID, "in/shared", 1000))
	b.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into edit (event_id, rev, state) values ($1, 2, jsonb_build_object('tracks', jsonb_build_array(jsonb_build_object('asset', $2::text)), 'n', 9007199254740993))`, e.ID, a.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `insert into edit_op (event_id, rev, op_id, base_rev, op, author_user, author_name, author_session) values
			($1, 1, 'one', 0, '{"kind":"cut","start":0,"end":9}', 'ben', 'Ben', ''), ($1, 2, 'two', 1, jsonb_build_object('kind', 'track', 'asset', $2::text), 'ben', 'Ben', '')`, e.ID, a.ID)
		return err
	})
	was := b.find(e.ID)
	copied, err := b.store.Duplicate(t.Context(), b.chloe, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	same := []cmp.Option{cmpopts.IgnoreFields(event.Event{}, "ID", "CreatedBy", "Created", "Modified"), cmpopts.IgnoreFields(event.Asset{}, "ID", "EventID", "Modified")}
	if diff := cmp.Diff(was, copied, same...); diff != "" || copied.CreatedBy != "chloe" || copied.ID == e.ID || copied.Assets[0].ID == a.ID {
		t.Errorf("made by %s:\n%s", copied.CreatedBy, diff)
	}
	b.tx(func(tx pgx.Tx) error {
		var state, ops string
		err := tx.QueryRow(t.Context(), `select state::text, (select string_agg(op::text, '' order by rev) from edit_op where event_id = $1) from edit where event_id = $1 and rev = 2`, copied.ID).Scan(&state, &ops)
		for _, text := range []string{state, ops} {
			if strings.Contains(text, string(a.ID)) || !strings.Contains(text, string(copied.Assets[0].ID)) {
				t.Errorf("names the old asset: %s", text)
			}
		}
		if !strings.Contains(state, "9007199254740993") {
			t.Errorf("a number changed: %s", state)
		}
		return err
	})
}

func TestDuplicateRefusesWhatIsProcessing(t *testing.T) {
	b := setup(t)
	e := b.event(event.Draft{State: event.Processing})
	b.kind(second(b.store.Duplicate(t.Context(), b.ben, e.ID)), fault.Conflict)
}
