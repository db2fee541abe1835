package user

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// AuditEntry is one line of the audit log: who did what to whom.
type AuditEntry struct {
	ID      int64
	At      time.Time
	Actor   string
	Action  string // noun.verb, e.g. token.create
	Subject string
	Detail  json.RawMessage // a JSON object
}

// AuditFilter chooses lines; empty fields choose all.
type AuditFilter struct {
	Actor, Action, Subject string    // of actions: one, as run.submit, or the beginning of several with a star, as run.*
	Actions                []string  // likewise, any of them
	From, Until            time.Time // half open
}

// AuditTx writes a line in the transaction of what it tells about. detail becomes a JSON object; never put secrets there.
func AuditTx(ctx context.Context, tx pgx.Tx, who Who, action, subject string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	actor := who.User
	if actor == "" {
		actor = "anonymous"
	}
	_, err := tx.Exec(ctx, "insert into audit_log (actor, action, subject, detail) values ($1, $2, $3, $4)", actor, action, subject, detail)
	return err
}

// Audit reads the log, newest first, for admins. cursor is "" or what the last call returned as next; next is "" at the end.
func (s *Store) Audit(ctx context.Context, who Who, f AuditFilter, cursor string, limit int) (entries []AuditEntry, next string, err error) {
	if !who.Admin() {
		return nil, "", fault.Denied()
	}
	before := int64(1<<63 - 1)
	if cursor != "" {
		if before, err = strconv.ParseInt(cursor, 10, 64); err != nil {
			return nil, "", fault.New(fault.Malformed, "error.cursor", "This cursor is none of ours.")
		}
	}
	limit = min(max(limit, 1), 1000)
	where, args := f.where(before)
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id, at, actor, action, subject, detail from audit_log where `+where+fmt.Sprintf(" order by id desc limit %d", limit+1), args...)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[AuditEntry])
		return err
	})
	if err == nil && len(entries) > limit {
		entries = entries[:limit]
		next = strconv.FormatInt(entries[limit-1].ID, 10)
	}
	return entries, next, err
}

// where says only what the filter asks for, so that each of its parts finds its index.
func (f AuditFilter) where(before int64) (string, []any) {
	parts, args := []string{"id < $1"}, []any{before}
	add := func(form string, value any) string {
		args = append(args, value)
		return fmt.Sprintf(form, len(args))
	}
	if f.Actor != "" {
		parts = append(parts, add("actor = $%d", f.Actor))
	}
	if f.Subject != "" {
		parts = append(parts, add("subject = $%d", f.Subject))
	}
	if !f.From.IsZero() {
		parts = append(parts, add("at >= $%d", f.From))
	}
	if !f.Until.IsZero() {
		parts = append(parts, add("at < $%d", f.Until))
	}
	var wanted []string
	for _, action := range append(slices.Clone(f.Actions), f.Action) {
		if action == "" {
			continue
		}
		if begin, several := strings.CutSuffix(action, "*"); several {
			wanted = append(wanted, add("action like $%d", likeText(begin)+"%"))
		} else {
			wanted = append(wanted, add("action = $%d", action))
		}
	}
	if len(wanted) > 0 {
		parts = append(parts, "("+strings.Join(wanted, " or ")+")")
	}
	return strings.Join(parts, " and "), args
}

// likeText is a text as a pattern of LIKE that is that text alone.
func likeText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
