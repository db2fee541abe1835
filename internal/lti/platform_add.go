package lti

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Add registers a learning platform; it may launch at once. For LTI 1.1 it makes the shared secret, of 256 random bits: it is told this
// once, and kept sealed. A registration that is there already and a role prefix that is another's are faults Conflict.
func (s *Store) Add(ctx context.Context, by user.Who, n NewPlatform) (made Platform, secret string, err error) {
	if !by.Admin() {
		return Platform{}, "", fault.Denied()
	}
	if err := n.check(); err != nil {
		return Platform{}, "", err
	}
	id := newPlatformID()
	var sealed []byte
	if n.Version == V11 {
		secret = base64.RawURLEncoding.EncodeToString(seal.Random())
		sealed = s.Seal.Seal(sealPlace(by.Tenant, id), []byte(secret))
	}
	err = s.DB.Tx(ctx, by.Tenant, func(tx pgx.Tx) error {
		if err := lockPlatforms(ctx, tx); err != nil {
			return err
		}
		if err := ownPrefixTx(ctx, tx, id, issuerKey(n.Version, n.Issuer, n.Key), n.RolePrefix); err != nil {
			return err
		}
		if made, err = insertTx(ctx, tx, id, n, Active, sealed, by); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, by, "lti.add", string(id), told(made))
	})
	if err != nil {
		return Platform{}, "", taken(err)
	}
	s.changed(by.Tenant)
	return made, secret, nil
}

func newPlatformID() PlatformID { return PlatformID(strings.ToLower(rand.Text()[:10])) }

// lockPlatforms lets one change at a time look at the prefixes of all. Reading goes on.
func lockPlatforms(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "lock table lti_platform in share row exclusive mode")
	return err
}

func insertTx(ctx context.Context, tx pgx.Tx, id PlatformID, n NewPlatform, status string, sealed []byte, by user.Who) (Platform, error) {
	rows, err := tx.Query(ctx, `insert into lti_platform (id, version, status, name, issuer, client_id, deployment, auth_url, token_url, jwks_url, consumer_key,
			sealed_secret, trusted, role_prefix, role_map, frame_origins, created_by, approved_at, approved_by)
		values ($1, $2, $3::text, $4, nullif($5, ''), nullif($6, ''), nullif($7, ''), nullif($8, ''), nullif($9, ''), nullif($10, ''), nullif($11, ''),
			$12, $13, $14, $15, $16, $17::text, case when $3::text = 'active' then now() end, case when $3::text = 'active' then $17::text end)
		returning `+platformColumns, string(id), n.Version, status, n.Name, n.Issuer, n.ClientID, n.Deployment, n.AuthURL, n.TokenURL, n.JWKSURL, n.Key,
		sealed, n.Trusted, n.RolePrefix, n.RoleMap, n.FrameOrigins, byWhom(by))
	if err != nil {
		return Platform{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Platform])
}

// told is what the audit log keeps of a registration: no secret is in it.
func told(p Platform) map[string]any {
	detail := map[string]any{"name": p.Name, "version": p.Version, "rolePrefix": p.RolePrefix}
	for key, value := range map[string]string{"issuer": p.Issuer, "clientId": p.ClientID, "deployment": p.Deployment, "key": p.Key} {
		if value != "" {
			detail[key] = value
		}
	}
	if p.Trusted {
		detail["trusted"] = true
	}
	return detail
}

// taken turns Postgres' word about a double into ours.
func taken(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "23505" {
		return err
	}
	if pg.ConstraintName == "lti_platform_11" {
		const text = "There is a learning platform with this consumer key already: change that one, remove it, or choose another key."
		return fault.New(fault.Conflict, "error.lti-key-taken", text).WithFields(wrongField("/key", "LTIKeyTaken", text)).WithCause(err)
	}
	const text = "There is a learning platform with this issuer, client and deployment already: change that one, or remove it first."
	return fault.New(fault.Conflict, "error.lti-taken", text).WithFields(wrongField("/clientId", "LTITaken", text)).WithCause(err)
}

// wrongField is a field of a registration that breaks a rule.
func wrongField(path, rule, message string) fault.Field {
	return fault.Field{Path: path, Rule: rule, Message: message}
}

// topic is what notices about the registrations of a tenant are called.
const topic = "lti"

// changed tells all nodes that the registrations of a tenant are others. A command's bus reaches nobody: nodes look again by themselves.
func (s *Store) changed(t tenant.ID) {
	s.frames.drop(t)
	if s.Bus != nil {
		s.Bus.Publish(live.Notice{Tenant: string(t), Topic: topic})
	}
}
