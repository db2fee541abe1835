package lti

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// Change is what of a registration becomes another; nil stays. Version, issuer, client and consumer key stay for good: they are who it is.
type Change struct {
	Name         *string
	Deployment   *string // 1.3
	AuthURL      *string // 1.3
	TokenURL     *string // 1.3
	JWKSURL      *string // 1.3
	RolePrefix   *string
	RoleMap      *map[string][]string
	FrameOrigins *[]string
	Trusted      *bool // 1.1
}

// with gives the registration with the change as one that is made anew, for the same checks.
func (c Change) with(p Platform) NewPlatform {
	n := NewPlatform{Version: p.Version, Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, Deployment: p.Deployment, AuthURL: p.AuthURL, TokenURL: p.TokenURL,
		JWKSURL: p.JWKSURL, Key: p.Key, Trusted: p.Trusted, RolePrefix: p.RolePrefix, RoleMap: p.RoleMap, FrameOrigins: p.FrameOrigins}
	for given, into := range map[*string]*string{c.Name: &n.Name, c.Deployment: &n.Deployment, c.AuthURL: &n.AuthURL, c.TokenURL: &n.TokenURL, c.JWKSURL: &n.JWKSURL, c.RolePrefix: &n.RolePrefix} {
		if given != nil {
			*into = strings.TrimSpace(*given)
		}
	}
	if c.RoleMap != nil {
		n.RoleMap = *c.RoleMap
	}
	if c.FrameOrigins != nil {
		n.FrameOrigins = *c.FrameOrigins
	}
	if c.Trusted != nil {
		n.Trusted = *c.Trusted
	}
	return n
}

// Change changes a registration; it counts for the next launch on all nodes. A platform whose deployment is not known yet may stay so.
func (s *Store) Change(ctx context.Context, who user.Who, id PlatformID, c Change) (Platform, error) {
	if !who.Admin() {
		return Platform{}, fault.Denied()
	}
	var p Platform
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := lockPlatforms(ctx, tx); err != nil {
			return err
		}
		before, err := platformTx(ctx, tx, id, "for update")
		if err != nil {
			return err
		}
		n := c.with(before)
		open := before.Version == V13 && before.Deployment == "" && n.Deployment == ""
		if open {
			n.Deployment = "open"
		}
		if err := n.check(); err != nil {
			return err
		}
		if open {
			n.Deployment = ""
		}
		if before.Status == Active && n.RolePrefix != before.RolePrefix {
			if err := ownPrefixTx(ctx, tx, id, issuerKey(before.Version, before.Issuer, before.Key), n.RolePrefix); err != nil {
				return err
			}
		}
		if p, err = updateTx(ctx, tx, id, n); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "lti.change", string(id), told(p))
	})
	if err != nil {
		return Platform{}, taken(err)
	}
	s.changed(who.Tenant)
	return p, nil
}

func updateTx(ctx context.Context, tx pgx.Tx, id PlatformID, n NewPlatform) (Platform, error) {
	rows, err := tx.Query(ctx, `update lti_platform set name = $2, deployment = nullif($3, ''), auth_url = nullif($4, ''), token_url = nullif($5, ''), jwks_url = nullif($6, ''),
			trusted = $7, role_prefix = $8, role_map = $9, frame_origins = $10, modified = now()
		where id = $1 returning `+platformColumns, string(id), n.Name, n.Deployment, n.AuthURL, n.TokenURL, n.JWKSURL, n.Trusted, n.RolePrefix, n.RoleMap, n.FrameOrigins)
	if err != nil {
		return Platform{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Platform])
}

// Approve lets a platform that registered itself launch. deployment is for platforms that named none; "": the first launch tells. One
// that is approved already stays as it is. Where its role prefix is not its own any more, it gets one by its host.
func (s *Store) Approve(ctx context.Context, who user.Who, id PlatformID, deployment string) (Platform, error) {
	if !who.Admin() {
		return Platform{}, fault.Denied()
	}
	var p Platform
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := lockPlatforms(ctx, tx); err != nil {
			return err
		}
		var err error
		if p, err = platformTx(ctx, tx, id, "for update"); err != nil || p.Status == Active {
			return err
		}
		if p, err = approveTx(ctx, tx, who, p, strings.TrimSpace(deployment)); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "lti.approve", string(id), told(p))
	})
	if err != nil {
		return Platform{}, taken(err)
	}
	s.changed(who.Tenant)
	return p, nil
}

func approveTx(ctx context.Context, tx pgx.Tx, who user.Who, p Platform, deployment string) (Platform, error) {
	if deployment == "" {
		deployment = p.Deployment
	} else {
		var wrong wrongs
		wrong.text("/deployment", deployment, mostID)
		if err := wrong.fault(); err != nil {
			return p, err
		}
	}
	issuer := issuerKey(p.Version, p.Issuer, p.Key)
	if err := ownPrefixTx(ctx, tx, p.ID, issuer, p.RolePrefix); fault.As(err) != nil {
		others, err := prefixesTx(ctx, tx, p.ID, issuer)
		if err != nil {
			return p, err
		}
		p.RolePrefix = suggestPrefix(others, p.Issuer)
	} else if err != nil {
		return p, err
	}
	rows, err := tx.Query(ctx, `update lti_platform set status = 'active', deployment = nullif($2, ''), role_prefix = $3, approved_at = now(), approved_by = $4, modified = now()
		where id = $1 returning `+platformColumns, string(p.ID), deployment, p.RolePrefix, byWhom(who))
	if err != nil {
		return p, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Platform])
}

// Remove takes a registration away with all that its launches left: the roles of its courses and the sessions of its people end at once.
// The people and what they made stay.
func (s *Store) Remove(ctx context.Context, who user.Who, id PlatformID) error {
	if !who.Admin() {
		return fault.Denied()
	}
	var tell func(*user.Store)
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		p, err := platformTx(ctx, tx, id, "for update")
		if err != nil {
			return err
		}
		if tell, err = user.DropSourceTx(ctx, tx, who.Tenant, id.source()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from lti_platform where id = $1", string(id)); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, who, "lti.remove", string(id), told(p))
	})
	if err != nil {
		return err
	}
	tell(s.Users)
	s.changed(who.Tenant)
	return nil
}
