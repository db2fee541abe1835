package user

import (
	"context"
	"encoding/json"
	"strconv"
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
	Actor, Action, Subject string
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
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id, at, actor, action, subject, detail from audit_log
			where id < $1 and ($2 = '' or actor = $2) and ($3 = '' or action = $3) and ($4 = '' or subject = $4)
			  and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
			order by id desc limit $7`, before, f.Actor, f.Action, f.Subject, orNull(f.From), orNull(f.Until), limit+1)
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

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
