package lti

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Limits of a course's list of members.
const (
	mostMembers   = 10_000
	membersPage   = 100 // that are asked for at a time
	membersAtOnce = 25  // that are written in one transaction
)

// SyncMembers makes the people of a course known before they come, with names and roles, and takes the course's roles from those who
// left it (LTI Names and Roles 2.0). People whom the list does not name keep what their launch gave them until it ends: platforms
// leave out administrators. A platform or course that is gone is no error.
func (s *Store) SyncMembers(ctx context.Context, t tenant.ID, platform PlatformID, course string) error {
	l, address, err := s.membersOf(ctx, t, platform, course)
	if fault.KindOf(err) == fault.NotFound || errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	token, err := s.accessToken(ctx, t, l.Platform, membersScope)
	if err != nil {
		return fmt.Errorf("an access token of %s: %w", platform, err)
	}
	counted := membersCount{roles: []string{}}
	err = s.eachMembersPage(ctx, address, token, func(page []member) error {
		for len(page) > 0 {
			n := min(len(page), membersAtOnce)
			if err := s.enterMembers(ctx, t, l, page[:n], &counted); err != nil {
				return err
			}
			page = page[n:]
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the members of course %q of %s: %w", course, platform, err)
	}
	return s.synced(ctx, t, l, counted)
}

// membersOf gives the course as a launch without person, and where its members are told.
func (s *Store) membersOf(ctx context.Context, t tenant.ID, platform PlatformID, course string) (Launch, string, error) {
	var l Launch
	var address string
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) (err error) {
		if l.Platform, err = platformTx(ctx, tx, platform, ""); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select context, title, members_url from lti_course where platform_id = $1 and context = $2 and members_url is not null", string(platform), course).
			Scan(&l.Context, &l.Title, &address)
	})
	if err == nil && (l.Platform.Status != Active || l.Platform.TokenURL == "") {
		err = pgx.ErrNoRows
	}
	return l, address, err
}

type membersCount struct {
	here, left, refused int
	roles               []string // ours, that were given
}

// enterMembers writes some people of a course down. Somebody who is locked here, or whom we cannot take, is passed over.
func (s *Store) enterMembers(ctx context.Context, t tenant.ID, course Launch, page []member, counted *membersCount) error {
	var tell []func(*user.Store)
	now := *counted
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		tell, now = nil, *counted
		if err := course.apartTx(ctx, tx); err != nil {
			return err
		}
		for _, m := range page {
			told, err := s.memberTx(ctx, tx, t, course, m, &now)
			if f := fault.As(err); f != nil && f.Kind != fault.Internal {
				slog.WarnContext(ctx, "a member of a course is passed over", "tenant", t, "platform", course.Platform.ID, "course", course.Context, "error", err)
				now.refused++
				continue
			}
			if err != nil {
				return err
			}
			tell = append(tell, told)
		}
		return nil
	})
	if err != nil {
		return err
	}
	*counted = now
	for _, told := range tell {
		told(s.Users)
	}
	return nil
}

func (s *Store) memberTx(ctx context.Context, tx pgx.Tx, t tenant.ID, course Launch, m member, counted *membersCount) (tell func(*user.Store), err error) {
	if !m.active() {
		tell, left, err := user.LeaveTx(ctx, tx, t, course.Platform.ID.source(), m.Subject, course.Context)
		if left {
			counted.left++
		}
		return tell, err
	}
	l := course
	l.Subject, l.Name = m.Subject, m.name()
	if l.Roles, l.Teaches, err = course.Platform.rolesOf(course.Context, m.Roles); err != nil {
		return nil, err
	}
	if _, tell, err = user.EnterTx(ctx, tx, t, l.external(time.Now().Add(user.SessionLife))); err != nil {
		return nil, err
	}
	counted.here++
	for _, role := range l.Roles {
		counted.roles = appendNew(counted.roles, role)
	}
	return tell, nil
}

// synced notes that the members are known now.
func (s *Store) synced(ctx context.Context, t tenant.ID, l Launch, counted membersCount) error {
	return s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update lti_course set synced_at = now(), roles = array(select distinct r from unnest(roles || $3::text[]) r order by r)
			where platform_id = $1 and context = $2`, string(l.Platform.ID), l.Context, counted.roles)
		if err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, user.System(t), "lti.members", string(l.Platform.ID),
			map[string]any{"course": l.Context, "members": counted.here, "left": counted.left, "refused": counted.refused})
	})
}
