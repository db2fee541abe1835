package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/user"
)

// What the audit log says a line is about, in its detail: the ids of events and of series may be alike.
const (
	ofEvent  = "event"
	ofSeries = "series"
)

// auditACLTx writes down which entries of an access list went and which came; nothing where none did.
func auditACLTx(ctx context.Context, tx pgx.Tx, who user.Who, of, id, title string, before, after []ACLEntry) error {
	gone, come := without(before, after), without(after, before)
	if len(gone) == 0 && len(come) == 0 {
		return nil
	}
	return user.AuditTx(ctx, tx, who, "acl.change", id, map[string]any{"of": of, "title": title, "before": gone, "after": come})
}

// without gives the entries of a that b does not have.
func without(a, b []ACLEntry) []ACLEntry {
	there, left := make(map[ACLEntry]bool, len(b)), []ACLEntry{}
	for _, e := range b {
		there[e] = true
	}
	for _, e := range a {
		if !there[e] {
			left = append(left, e)
		}
	}
	return left
}
