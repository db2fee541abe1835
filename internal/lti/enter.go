package lti

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// errUnbound says that a caller forgot to look whose browser it is.
var errUnbound = errors.New("a launch enters whose browser was not compared with the login's")

// Enter lets somebody in whose launch was checked, in one transaction: the login (p, of LTI 1.3) or the nonce (p is nil, of LTI 1.1) is used up, on all
// nodes at once; the person, their roles in the course, the course, the launch and a line of the audit log are written. Whatever
// fails, or is killed, leaves nothing. A launch that was used is a fault Conflict.
func (s *Store) Enter(ctx context.Context, t tenant.ID, l Launch, p *Pending) (who user.Who, id string, err error) {
	if p != nil && !p.bound {
		return user.Who{}, "", errUnbound
	}
	id = strings.ToLower(rand.Text())
	var tell func(*user.Store)
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		if err := onceTx(ctx, tx, t, l, p); err != nil {
			return err
		}
		if who, tell, err = user.EnterTx(ctx, tx, t, l.external(time.Now().Add(user.SessionLife))); err != nil {
			return err
		}
		if err := keepTx(ctx, tx, who, id, l); err != nil {
			return err
		}
		if err := s.wantMembersTx(ctx, tx, t, l); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "lti.launch", string(l.Platform.ID), l.detail(id))
	})
	if err != nil {
		return user.Who{}, "", removed(err)
	}
	tell(s.Users)
	return who, id, nil
}

// onceTx uses up what makes a launch good for once. The platform's row comes first: whoever removes it locks it before what hangs on it.
func onceTx(ctx context.Context, tx pgx.Tx, t tenant.ID, l Launch, p *Pending) error {
	var status, deployment string
	var once bool
	b := &pgx.Batch{}
	b.Queue("select status, coalesce(deployment, '') from lti_platform where id = $1 for key share", string(l.Platform.ID)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&status, &deployment)
	})
	if p != nil {
		b.Queue("update lti_login set used_at = now() where state = $1 and used_at is null and expires_at > now()", hashOf(p.State)).Exec(func(tag pgconn.CommandTag) error {
			once = tag.RowsAffected() == 1
			return nil
		})
	}
	var trespass error
	if l.Context != "" {
		l.queueApart(b, &trespass)
	}
	err := tx.SendBatch(ctx, b).Close()
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && status != Active:
		return gone()
	case err != nil:
		return err
	case trespass != nil:
		return trespass
	case p == nil:
		return l.spendTx(ctx, tx)
	case !once:
		return replayed()
	case deployment == "":
		return deployTx(ctx, tx, t, l)
	case deployment != l.deployment:
		return gone()
	}
	return nil
}

// deployTx gives a registration that has no deployment yet the one of its first launch. Of two first ones that name two, the second is
// refused.
func deployTx(ctx context.Context, tx pgx.Tx, t tenant.ID, l Launch) error {
	var now string
	err := tx.QueryRow(ctx, `update lti_platform set deployment = coalesce(deployment, $2), modified = now() where id = $1 returning deployment`,
		string(l.Platform.ID), l.deployment).Scan(&now)
	switch {
	case err != nil:
		return err
	case now != l.deployment:
		return gone()
	}
	return user.AuditTx(ctx, tx, user.System(t), "lti.deployment", string(l.Platform.ID), map[string]any{"deployment": now})
}

// keepTx writes down the course, when something of it is new, and the launch.
func keepTx(ctx context.Context, tx pgx.Tx, who user.Who, id string, l Launch) error {
	roles, title := l.Roles, line(l.Title, 1024)
	if roles == nil {
		roles = []string{}
	}
	b := &pgx.Batch{}
	if l.Context != "" {
		// Most launches change nothing: those of a whole lecture hall must not wait for one another at the course's row.
		b.Queue(`insert into lti_course (platform_id, context, title, roles, members_url)
			select $1::text, $2::text, $3::text, $4::text[], nullif($5, '') where not exists (select 1 from lti_course
				where platform_id = $1 and context = $2 and ($3 = '' or title = $3) and roles @> $4 and ($5 = '' or members_url = $5))
			on conflict (platform_id, context) do update set title = case when excluded.title = '' then lti_course.title else excluded.title end,
				roles = array(select distinct r from unnest(lti_course.roles || excluded.roles) r order by r),
				members_url = coalesce(excluded.members_url, lti_course.members_url), modified = now()`,
			string(l.Platform.ID), l.Context, title, roles, l.MembersURL)
	}
	b.Queue(`insert into lti_launch (id, platform_id, user_name, context, title, roles, return_url, locale, deep_link, expires_at)
		values ($1, $2, $3, $4, $5, $6, nullif($7, ''), nullif($8, ''), $9, now() + $10::interval)`,
		id, string(l.Platform.ID), who.User, l.Context, title, roles, l.ReturnURL, l.Locale, l.DeepLink, user.SessionLife)
	return tx.SendBatch(ctx, b).Close()
}

// external is who enters, as people know somebody whom another vouches for.
func (l Launch) external(until time.Time) user.External {
	m := user.Membership{Context: l.Context, Title: l.Title, Roles: l.Roles, Until: until}
	if l.Teaches {
		m.Rank = "editor"
	}
	e := user.External{Source: l.Platform.ID.source(), Subject: l.Subject, Name: l.NewName, DisplayName: l.Name, Memberships: []user.Membership{m}}
	if l.GivenLogin != "" {
		e.Name, e.Trusted = l.GivenLogin, true
	} else if e.Name == "" {
		e.Name = e.Source + ":" + l.Subject
	}
	if !eventForm.MatchString(e.Name) { // the form of an id is that of a user name
		sum := sha256.Sum256([]byte(l.Subject))
		e.Name = e.Source + ":" + hex.EncodeToString(sum[:16])
	}
	return e
}

// detail is what the audit log keeps of a launch.
func (l Launch) detail(id string) map[string]any {
	detail := map[string]any{"message": l.Message, "course": l.Context, "event": l.Event, "sub": l.Subject}
	if id != "" {
		detail["launch"] = id
	}
	return detail
}

func gone() error {
	return fault.New(fault.Forbidden, "lti.gone", "The registration of your learning platform has just been changed or removed here. Go back to the course and open the link again.")
}

// removed turns Postgres' word about a platform that was removed meanwhile, or whose deployment another one got, into ours.
func removed(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23503" || pg.Code == "23505" && pg.ConstraintName == "lti_platform_13") {
		return gone()
	}
	return err
}
