package lti

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// States of a registration.
const (
	Active  = "active"
	Waiting = "waiting" // registered by the platform itself, until an admin approves it
)

// platformColumns of lti_platform, in the order of Platform's fields.
const platformColumns = `id::text, version, status, name::text, coalesce(issuer, ''), coalesce(client_id, ''), coalesce(deployment, ''),
	coalesce(auth_url, ''), coalesce(token_url, ''), coalesce(jwks_url, ''), coalesce(consumer_key, ''), trusted, role_prefix, role_map, frame_origins, created, created_by::text`

// List gives all registrations of a tenant, those that wait first, to its admins.
func (s *Store) List(ctx context.Context, who user.Who) ([]Platform, error) {
	if !who.Admin() {
		return nil, fault.Denied()
	}
	var all []Platform
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		all, err = platformsTx(ctx, tx)
		return err
	})
	return all, err
}

func platformsTx(ctx context.Context, tx pgx.Tx) ([]Platform, error) {
	rows, err := tx.Query(ctx, "select "+platformColumns+" from lti_platform order by status = 'waiting' desc, lower(name), created, id")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Platform])
}

// Find gives one registration to an admin; there being none is a fault NotFound.
func (s *Store) Find(ctx context.Context, who user.Who, id PlatformID) (Platform, error) {
	if !who.Admin() {
		return Platform{}, fault.Denied()
	}
	var p Platform
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		p, err = platformTx(ctx, tx, id, "")
		return err
	})
	return p, err
}

// platformTx reads one registration; lock is "", or "for update".
func platformTx(ctx context.Context, tx pgx.Tx, id PlatformID, lock string) (Platform, error) {
	rows, err := tx.Query(ctx, "select "+platformColumns+" from lti_platform where id = $1 "+lock, string(id))
	if err != nil {
		return Platform{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Platform])
	if errors.Is(err, pgx.ErrNoRows) {
		return Platform{}, noPlatform(id)
	}
	return p, err
}

func noPlatform(id PlatformID) error {
	return fault.Newf(fault.NotFound, "error.no-lti-platform", "There is no learning platform %s: lti list tells which there are.", shown(string(id))).
		With(map[string]any{"ID": shown(string(id))})
}

// sealPlace is where the secret of a registration opens.
func sealPlace(t tenant.ID, id PlatformID) string { return string(t) + "/lti_platform/" + string(id) }

// source is the registration as people's memberships and sessions name it.
func (id PlatformID) source() string { return "lti:" + string(id) }

// byWhom is the actor as rows keep it.
func byWhom(who user.Who) string {
	if who.User == "" {
		return "anonymous"
	}
	return who.User
}
