package user

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"crypto/rand"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// What a token may be for. Writing includes reading; a token without scopes may do all that its person may.
const (
	ScopeRead  = "read"
	ScopeWrite = "write"
)

// Scopes are all that there are.
var Scopes = []string{ScopeRead, ScopeWrite}

// Token lets a program do what a person may. Its secret is told once, when it is made.
type Token struct {
	ID      string
	User    string
	Scopes  []string
	Created time.Time
	Expires *time.Time // nil: when it is revoked
}

// CreateToken makes a token for a person: for oneself, or for anybody by admins. expires 0 is never. The secret has 256
// random bits; only its hash is kept.
func (s *Store) CreateToken(ctx context.Context, by Who, name string, scopes []string, expires time.Duration) (Token, string, error) {
	if !by.Admin() && by.User != name {
		return Token{}, "", fault.Denied()
	}
	for _, scope := range scopes {
		if !slices.Contains(Scopes, scope) {
			text := fmt.Sprintf("There is no scope %q: use read or write.", scope)
			return Token{}, "", fault.New(fault.Invalid, "error.scope", text).With(map[string]any{"Scope": scope}).
				WithFields(fault.Field{Path: "/scopes", Rule: "Scope", Message: text})
		}
	}
	if expires < 0 {
		return Token{}, "", fault.New(fault.Invalid, "error.expires", "A token cannot have ended before it begins.")
	}
	if scopes == nil {
		scopes = []string{}
	}
	secret := newSecret()
	var made Token
	place, login := by.kept(name)
	err := s.DB.Tx(ctx, place, func(tx pgx.Tx) error {
		if _, err := WhoByNameTx(ctx, tx, place, login); err != nil {
			return err
		}
		var until *time.Time
		if expires > 0 {
			at := time.Now().Add(expires)
			until = &at
		}
		rows, err := tx.Query(ctx, `insert into token (id, hash, user_name, scopes, expires_at) values ($1, $2, $3, $4, $5)
			returning id::text, user_name, scopes, created, expires_at`, strings.ToLower(rand.Text()), hashOf(secret), login, scopes, until)
		if err != nil {
			return err
		}
		if made, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Token]); err != nil {
			return err
		}
		return AuditTx(ctx, tx, by, "token.create", login, map[string]any{"token": made.ID, "scopes": scopes})
	})
	if err != nil {
		return Token{}, "", err
	}
	return made, secret, nil
}

// WhoByToken finds the person behind a token, of the tenant or an operator who acts there; a fault Unauthorized says that
// there is none, or that it has ended.
func (s *Store) WhoByToken(ctx context.Context, t tenant.ID, secret string) (Who, error) {
	return known(t, func(place tenant.ID) (Who, error) { return s.whoByTokenAt(ctx, place, secret) })
}

func (s *Store) whoByTokenAt(ctx context.Context, t tenant.ID, secret string) (Who, error) {
	var who Who
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		var scopes []string
		var err error
		who, err = scanWho(tx.QueryRow(ctx, `select `+whoColumns+`, k.scopes from token k join person p on p.name = k.user_name
			where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and p.disabled_at is null`, hashOf(secret)), t, &scopes)
		who.Scopes, who.Session = scopes, hex.EncodeToString(hashOf(secret))
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Who{}, fault.New(fault.Unauthorized, "error.token", "This token is not known, or has ended.")
	}
	return who, err
}

// ListTokens gives the living tokens of a person, newest first: to themselves and to admins.
func (s *Store) ListTokens(ctx context.Context, who Who, name string) ([]Token, error) {
	if !who.Admin() && who.User != name {
		return nil, fault.Denied()
	}
	place, login := who.kept(name)
	var all []Token
	err := s.DB.Read(ctx, place, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id::text, user_name, scopes, created, expires_at from token
			where user_name = $1 and revoked_at is null and (expires_at is null or expires_at > now()) order by created desc, id`, login)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Token])
		return err
	})
	return all, err
}

// RevokeToken ends a token by its id: one's own, or anybody's for admins. What lives on it is closed at once.
func (s *Store) RevokeToken(ctx context.Context, who Who, id string) error {
	err := s.revokeTokenAt(ctx, who, who.Tenant, id)
	if err != nil && fault.KindOf(err) == fault.NotFound && who.Home() != who.Tenant {
		err = s.revokeTokenAt(ctx, who, who.Home(), id) // an operator's own
	}
	return err
}

func (s *Store) revokeTokenAt(ctx context.Context, who Who, place tenant.ID, id string) error {
	var hash []byte
	err := s.DB.Tx(ctx, place, func(tx pgx.Tx) error {
		var name string
		err := tx.QueryRow(ctx, `update token set revoked_at = now() where id = $1 and revoked_at is null and ($2 or user_name = $3)
			returning hash, user_name`, id, who.Admin(), who.User).Scan(&hash, &name)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.Gone()
		}
		if err != nil {
			return err
		}
		return AuditTx(ctx, tx, who, "token.revoke", name, map[string]any{"token": id})
	})
	if err == nil {
		s.Bus.Publish(sessionNotice(place, hash))
	}
	return err
}
