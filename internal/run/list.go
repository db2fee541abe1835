package run

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Filter chooses runs. Empty fields choose all.
type Filter struct {
	Event  event.ID
	States []State
	Text   string // in the event's title, the person's name or the node's, any case
	Limit  int    // 1 to 200; 0: 50
	Cursor string // what the page before gave as next
}

// mayWrite chooses events that $1 (roles), $2 (admin) may write, as e.
const mayWrite = `e.deleted_at is null and ($2 or exists (select 1 from event_acl a where a.event_id = e.id and a.action = 'write' and a.role = any($1)))`

// List gives the runs of events that who may write, newest first, and the cursor of the next page ("": no more).
func (s *Store) List(ctx context.Context, who user.Who, f Filter) (runs []Run, next string, err error) {
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	if limit < 1 || limit > 200 {
		return nil, "", fault.New(fault.Invalid, "error.limit", "Use a limit from 1 to 200.").
			WithFields(fault.Field{Path: "/limit", Rule: "Limit", Message: "Use a limit from 1 to 200."})
	}
	before, last, err := readCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}
	states := make([]string, len(f.States))
	for i, st := range f.States {
		states[i] = string(st)
	}
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		runs, err = runsTx(ctx, tx, "where "+mayWrite+` and ($3 = '' or r.event_id = $3) and (cardinality($4::text[]) = 0 or r.state = any($4))
			and ($5::timestamptz is null or (r.queued_at, r.id) < ($5, $6)) and ($8 = '' or position(lower($8) in lower(e.title || ' ' || r.requested_name || ' ' || coalesce(r.node, ''))) > 0) order by r.queued_at desc, r.id desc limit $7`,
			who.Roles, who.Admin(), f.Event, states, before, last, limit+1, f.Text)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(runs) > limit {
		runs = runs[:limit]
		next = cursorOf(runs[limit-1])
	}
	return runs, next, nil
}

func cursorOf(r Run) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", r.QueuedAt.UnixMicro(), r.ID))
}

func readCursor(cursor string) (before *time.Time, last ID, err error) {
	if cursor == "" {
		return nil, "", nil
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, found := strings.Cut(string(data), " ")
	us, number := strconv.ParseInt(at, 10, 64)
	if err != nil || !found || number != nil {
		return nil, "", fault.New(fault.Invalid, "error.cursor", "This cursor is not one that was given out.").
			WithFields(fault.Field{Path: "/cursor", Rule: "Cursor", Message: "Use what the page before gave as next."})
	}
	t := time.UnixMicro(us)
	return &t, ID(id), nil
}

// ParseStates reads a list of states separated by commas.
func ParseStates(text string) ([]State, error) {
	var states []State
	for word := range strings.SplitSeq(text, ",") {
		switch st := State(strings.TrimSpace(word)); st {
		case Queued, Dispatched, Running, Done, Failed, Cancelled, Superseded:
			states = append(states, st)
		case "":
		default:
			return nil, fault.Newf(fault.Invalid, "error.run-state", "There is no state %q.", word).
				WithFields(fault.Field{Path: "/state", Rule: "RunState", Message: "Use queued, dispatched, running, done, failed, cancelled or superseded."})
		}
	}
	return states, nil
}
