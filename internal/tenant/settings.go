package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// Settings are a tenant's live settings, as one flat object of the API.
type Settings struct {
	EditMode string        // edit.mode: together (pen comes later)
	EditRuns string        // edit.runs: queue, reject, supersede, replace
	BinDays  int           // bin.days: how long deleted events can come back
	Paused   bool          // jobs.paused: no new run is started; those that run go on
	Deadline time.Duration // install.deadline, in minutes: how long one module may take to prepare itself, its own job included
}

var defaults = map[string]any{"edit.mode": "together", "edit.runs": "queue", "bin.days": float64(30), "jobs.paused": false, "install.deadline": float64(240)}

// allowed gives the values that a key may have, and the sentence that says so.
var allowed = map[string]struct {
	ok   func(any) bool
	says string
}{
	"edit.mode":        {oneOf("together"), "Use together: one at a time, with a pen, comes with a later version."},
	"edit.runs":        {oneOf("queue", "reject", "supersede", "replace"), "Use queue, reject, supersede or replace."},
	"bin.days":         {wholeBetween(0, 3650), "Use a whole number of days from 0 to 3650."},
	"jobs.paused":      {oneOf(true, false), "Use true or false."},
	"install.deadline": {wholeBetween(1, 10080), "Use a whole number of minutes from 1 to 10080."},
}

func oneOf[V string | bool](values ...V) func(any) bool {
	return func(v any) bool {
		for _, w := range values {
			if v == w {
				return true
			}
		}
		return false
	}
}

func wholeBetween(low, high float64) func(any) bool {
	return func(v any) bool {
		n, ok := v.(float64)
		return ok && n == float64(int(n)) && n >= low && n <= high
	}
}

// SettingsMap gives every key with its present value, defaults included.
func SettingsMap(ctx context.Context, tx pgx.Tx) (map[string]any, error) {
	rows, err := tx.Query(ctx, "select key, value from setting")
	if err != nil {
		return nil, err
	}
	all := map[string]any{}
	for k, v := range defaults {
		all[k] = v
	}
	var key string
	var value []byte
	_, err = pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		var v any
		if err := json.Unmarshal(value, &v); err != nil {
			return fmt.Errorf("setting %s: %w", key, err)
		}
		if _, known := defaults[key]; known {
			all[key] = v
		}
		return nil
	})
	return all, err
}

// SettingsTx reads the settings inside a tenant's transaction.
func SettingsTx(ctx context.Context, tx pgx.Tx) (Settings, error) {
	m, err := SettingsMap(ctx, tx)
	if err != nil {
		return Settings{}, err
	}
	return Settings{EditMode: m["edit.mode"].(string), EditRuns: m["edit.runs"].(string), BinDays: int(m["bin.days"].(float64)), Paused: m["jobs.paused"].(bool),
		Deadline: time.Duration(m["install.deadline"].(float64)) * time.Minute}, nil
}

// PatchSettings changes keys (null: back to the default) after checking all of them; every wrong key is named.
func PatchSettings(ctx context.Context, tx pgx.Tx, by string, patch map[string]any) error {
	var wrong []fault.Field
	keys := make([]string, 0, len(patch))
	for key, value := range patch {
		keys = append(keys, key)
		rule, known := allowed[key]
		switch {
		case !known:
			wrong = append(wrong, fault.Field{Path: "/" + key, Rule: "KnownSetting", Message: "There is no setting of this name."})
		case value != nil && !rule.ok(value):
			wrong = append(wrong, fault.Field{Path: "/" + key, Rule: "SettingValue", Message: rule.says})
		}
	}
	if len(wrong) > 0 {
		var says []string
		for _, f := range wrong {
			says = append(says, strings.TrimPrefix(f.Path, "/")+": "+f.Message)
		}
		sort.Strings(says)
		return fault.New(fault.Invalid, "error.settings", strings.Join(says, " ")).WithFields(wrong...)
	}
	sort.Strings(keys)
	for _, key := range keys {
		var err error
		if patch[key] == nil {
			_, err = tx.Exec(ctx, "delete from setting where key = $1", key)
		} else {
			value, _ := json.Marshal(patch[key])
			_, err = tx.Exec(ctx, `insert into setting (key, value, modified_by) values ($1, $2, $3)
				on conflict (key) do update set value = excluded.value, modified = now(), modified_by = excluded.modified_by`, key, value, by)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
