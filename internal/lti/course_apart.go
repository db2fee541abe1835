package lti

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// queueApart asks, in a batch, whether a course of this platform would give the roles of another platform's: one without a prefix, or with
// a shorter one, can name its courses so that they begin with the other's. When it does, trespass is the fault that refuses it.
func (l Launch) queueApart(b *pgx.Batch, trespass *error) {
	p := l.Platform
	course := p.RolePrefix + labelOf(l.Context)
	b.Queue("select name::text from lti_platform where status = 'active' and id <> $1 and "+issuerColumn+" <> $2 and length(role_prefix) > $3 and starts_with($4, role_prefix) limit 1",
		string(p.ID), issuerKey(p.Version, p.Issuer, p.Key), len(p.RolePrefix), course).QueryRow(func(row pgx.Row) error {
		var other string
		err := row.Scan(&other)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			*trespass = fault.Newf(fault.Forbidden, "lti.course-apart", "The course %s would give the roles of courses of %s, whose role prefix it begins with. An administrator has to give this learning platform a role prefix of its own.",
				shown(course), other).With(map[string]any{"Course": shown(course), "Other": other})
		}
		return err
	})
}

// apartTx is queueApart alone.
func (l Launch) apartTx(ctx context.Context, tx pgx.Tx) error {
	if l.Context == "" {
		return nil
	}
	var trespass error
	b := &pgx.Batch{}
	l.queueApart(b, &trespass)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	return trespass
}
