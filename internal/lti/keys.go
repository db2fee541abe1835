package lti

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// Life of a key of ours: it is published a day before it signs, so that platforms that keep our keys for a while know it by then; it
// signs for 90 days, and is published 30 days more for what it signed last.
const (
	keyBits       = 2048
	keyPublished  = 24 * time.Hour
	keySigns      = 90 * 24 * time.Hour
	keyStays      = 30 * 24 * time.Hour
	keyUnreplaced = 10 * 365 * 24 * time.Hour // until there is a next one
	keySkew       = 5 * time.Minute           // between the clocks of nodes
)

// key is a row of lti_key.
type key struct {
	Kid    string
	Sealed []byte
	Public []byte // JWK
	Signs  time.Time
	Until  time.Time
}

func (s *Store) now() time.Time {
	if s.clock != nil {
		return s.clock()
	}
	return time.Now()
}

// SigningKey is the key that signs for a tenant now (RS256), with its kid. It is made when there is none, and replaced in time.
func (s *Store) SigningKey(ctx context.Context, t tenant.ID) (jose.SigningKey, error) {
	now := s.now()
	keys, err := s.keys(ctx, t, now)
	if err != nil {
		return jose.SigningKey{}, err
	}
	k := keys[signing(keys, now)]
	der, err := s.Seal.Open(keyPlace(t, k.Kid), k.Sealed)
	if err != nil {
		return jose.SigningKey{}, fmt.Errorf("key %s of %s: %w", k.Kid, t, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return jose.SigningKey{}, fmt.Errorf("key %s of %s: %w", k.Kid, t, err)
	}
	return jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: k.Kid, Algorithm: string(jose.RS256), Use: "sig"}}, nil
}

// JWKS are the public keys of a tenant that platforms check our signatures with (RFC 7517): those that sign, will sign soon, or have
// signed in the last 30 days.
func (s *Store) JWKS(ctx context.Context, t tenant.ID) (jose.JSONWebKeySet, error) {
	keys, err := s.keys(ctx, t, s.now())
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		var public jose.JSONWebKey
		if err := json.Unmarshal(k.Public, &public); err != nil {
			return jose.JSONWebKeySet{}, fmt.Errorf("key %s of %s: %w", k.Kid, t, err)
		}
		set.Keys = append(set.Keys, public)
	}
	return set, nil
}

// keys are the published ones, newest first; one at least of them signs. Of many nodes one makes what is missing.
func (s *Store) keys(ctx context.Context, t tenant.ID, now time.Time) (keys []key, err error) {
	err = s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		keys, err = keysTx(ctx, tx, now)
		return err
	})
	if err != nil || !wantsKey(keys, now) {
		return keys, err
	}
	made, err := s.makeKey(t)
	if err != nil {
		return nil, err
	}
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table lti_key in share row exclusive mode"); err != nil {
			return err
		}
		now = s.now() // the lock may have taken long
		if keys, err = keysTx(ctx, tx, now); err != nil || !wantsKey(keys, now) {
			return err
		}
		if err := insertKeyTx(ctx, tx, made, keys, now); err != nil {
			return err
		}
		keys, err = keysTx(ctx, tx, now)
		return err
	})
	return keys, err
}

func keysTx(ctx context.Context, tx pgx.Tx, now time.Time) ([]key, error) {
	rows, err := tx.Query(ctx, "select kid::text, sealed, public::text::bytea, signs, until from lti_key where until > $1 order by signs desc, kid", now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[key])
}

// signing is the newest key that signs already, -1 when none does. keys are newest first.
func signing(keys []key, now time.Time) int {
	for i, k := range keys {
		if !k.Signs.After(now) {
			return i
		}
	}
	return -1
}

// wantsKey says whether a key is to be made: there is none that signs, or the one that does is near its end without a next one.
func wantsKey(keys []key, now time.Time) bool {
	at := signing(keys, now)
	return at < 0 || at == 0 && !now.Before(keys[0].Signs.Add(keySigns-keyPublished))
}

// insertKeyTx publishes a key: the first signs at once, a next one after it was published for a day. The one before it ends then, and what
// ended is removed.
func insertKeyTx(ctx context.Context, tx pgx.Tx, k key, keys []key, now time.Time) error {
	k.Signs = now.Add(-keySkew)
	if at := signing(keys, now); at >= 0 {
		k.Signs = now.Add(keyPublished)
		if planned := keys[at].Signs.Add(keySigns); planned.After(k.Signs) {
			k.Signs = planned
		}
		if _, err := tx.Exec(ctx, "update lti_key set until = $1 where until > $1", k.Signs.Add(keyStays)); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "delete from lti_key where until <= $1", now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "insert into lti_key (kid, sealed, public, signs, until) values ($1, $2, $3::text::jsonb, $4, $5)", k.Kid, k.Sealed, string(k.Public), k.Signs, k.Signs.Add(keyUnreplaced))
	return err
}

// makeKey makes a pair of keys. The kid is the thumbprint of the public one (RFC 7638).
func (s *Store) makeKey(t tenant.ID) (key, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return key{}, err
	}
	public := jose.JSONWebKey{Key: private.Public(), Algorithm: string(jose.RS256), Use: "sig"}
	thumb, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return key{}, err
	}
	public.KeyID = base64.RawURLEncoding.EncodeToString(thumb)
	text, err := json.Marshal(public)
	if err != nil {
		return key{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return key{}, err
	}
	return key{Kid: public.KeyID, Public: text, Sealed: s.Seal.Seal(keyPlace(t, public.KeyID), der)}, nil
}

// keyPlace is where the private half opens.
func keyPlace(t tenant.ID, kid string) string { return string(t) + "/lti_key/" + kid }
