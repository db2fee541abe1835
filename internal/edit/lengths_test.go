package edit_test

import (
	"encoding/json"
	"maps"
	"testing"

	"cutroom/internal/edit"
	"cutroom/internal/fault"
)

func TestLengthsAtManyRevs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	submit(t, b, ben, edit.Sent{ID: "1", Op: cut(0, 1000, false)}, edit.Sent{ID: "2", Op: cut(2000, 3000, false)},
		edit.Sent{ID: "3", Op: json.RawMessage(`{"kind":"split","at":9000}`)}, edit.Sent{ID: "4", Op: cut(500, 2500, true)})
	got, err := b.Lengths(t.Context(), ben, "e", []edit.Rev{4, 1, 0, 3, 3, 2, 9})
	if want := map[edit.Rev]int64{0: 30000, 1: 29000, 2: 28000, 3: 28000, 4: 29000, 9: 29000}; err != nil || !maps.Equal(got, want) {
		t.Errorf("kept %v, %v", got, err)
	}
	if _, err := b.Lengths(t.Context(), vera, "e", []edit.Rev{1}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a reader was told: %v", err)
	}
}
