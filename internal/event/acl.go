package event

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// PutACL replaces the ACL of an event and returns the event as it is then. An ACL that takes away one's own write is
// refused with fault.Conflict unless confirm is set; it does not touch admins. Rights change with the commit.
func (s *Store) PutACL(ctx context.Context, who user.Who, id ID, acl []ACLEntry, confirm bool) (Event, error) {
	return s.Patch(ctx, who, id, Patch{ACL: To(acl), Confirm: confirm}, "")
}

// putACLTx writes the difference only, with its line in the audit log, so that an equal ACL is no change.
func putACLTx(ctx context.Context, tx pgx.Tx, who user.Who, now Event, acl []ACLEntry, confirm bool) error {
	if !confirm && !who.Admin() && !writes(who, acl) {
		return lockedOut()
	}
	roles, actions := split(acl)
	_, err := tx.Exec(ctx, `delete from event_acl where event_id = $1
		and not exists (select 1 from unnest($2::text[], $3::text[]) as wanted(r, a) where r = role and a = action)`, now.ID, roles, actions)
	if err != nil {
		return refusal(err)
	}
	if err := addACL(ctx, tx, now.ID, acl); err != nil {
		return err
	}
	return auditACLTx(ctx, tx, who, ofEvent, string(now.ID), now.Title, now.ACL, acl)
}

func lockedOut() *fault.Error {
	text := "With this access list you could not change this yourself any more. Confirm it if you mean it."
	return fault.New(fault.Conflict, "error.locked-out", text).WithFields(fault.Field{Path: "/acl", Rule: "KeepOwnWrite", Message: text})
}

func addACL(ctx context.Context, tx pgx.Tx, id ID, acl []ACLEntry) error {
	roles, actions := split(acl)
	_, err := tx.Exec(ctx, `insert into event_acl (event_id, role, action)
		select $1, r, a from unnest($2::text[], $3::text[]) as wanted(r, a) on conflict do nothing`, id, roles, actions)
	return refusal(err)
}

func split(acl []ACLEntry) (roles, actions []string) {
	roles, actions = []string{}, []string{}
	for _, e := range acl {
		roles, actions = append(roles, e.Role), append(actions, e.Action)
	}
	return roles, actions
}
