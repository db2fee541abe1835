package user

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/tenant"
)

// sessionScope goes with the context through the session manager: whose table it is, and who was found there.
type sessionScope struct {
	tenant tenant.ID
	found  *foundSession
	begun  *begunSession // a session is made
	out    bool          // its end is somebody's signing out, which the log tells
}

type foundSession struct {
	who     Who
	expires time.Time
}

type sessionScopeKey struct{}

func withSessionScope(ctx context.Context, t tenant.ID) (context.Context, *sessionScope) {
	scope := &sessionScope{tenant: t}
	return context.WithValue(ctx, sessionScopeKey{}, scope), scope
}

var errNoScope = errors.New("a session was used without a tenant")

func sessionScopeOf(ctx context.Context) (*sessionScope, error) {
	if scope, ok := ctx.Value(sessionScopeKey{}).(*sessionScope); ok {
		return scope, nil
	}
	return nil, errNoScope
}

// sessionTable is the table `session` of the context's tenant, as the session manager wants it (scs.CtxStore). Ended
// sessions stay as tombstones, so that no late writer brings them back.
type sessionTable struct{ db *tenant.DB }

// FindCtx gives a living session's data, and notes the person behind it: both in one query.
func (t sessionTable) FindCtx(ctx context.Context, secret string) ([]byte, bool, error) {
	scope, err := sessionScopeOf(ctx)
	if err != nil {
		return nil, false, err
	}
	var data []byte
	err = t.db.Read(ctx, scope.tenant, func(tx pgx.Tx) error {
		found := foundSession{}
		var err error
		found.who, err = scanWho(tx.QueryRow(ctx, `select `+whoColumns+`, s.data, s.expires_at from session s join person p on p.name = s.user_name
			where s.hash = $1 and s.revoked_at is null and s.expires_at > now() and p.disabled_at is null`, hashOf(secret)), scope.tenant, &data, &found.expires)
		if err != nil {
			return err
		}
		found.who.Session = hex.EncodeToString(hashOf(secret))
		scope.found = &found
		return nil
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx writes a new session, or the use of one, unless it was ended meanwhile: then the answer is a fault Unauthorized.
// What a session holds is left as it is: a launch may have changed it meanwhile.
func (t sessionTable) CommitCtx(ctx context.Context, secret string, data []byte, expires time.Time) error {
	scope, err := sessionScopeOf(ctx)
	if err != nil {
		return err
	}
	return t.db.Tx(ctx, scope.tenant, func(tx pgx.Tx) error {
		if scope.begun != nil {
			return scope.begun.insertTx(ctx, tx, secret, data, expires)
		}
		there, err := changed(tx.Exec(ctx, `update session set expires_at = $2, used_at = now()
			where hash = $1 and revoked_at is null and expires_at > now()`, hashOf(secret), expires))
		if err == nil && !there {
			return ended()
		}
		return err
	})
}

// plain is text from outside as a column takes it: UTF-8 without control characters, cut to so many bytes.
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return strings.TrimSpace(text)
}

// noteLaunch notes the launch and language that a session's data name; a token has no data.
func (w *Who) noteLaunch(data []byte) error {
	if data == nil {
		return nil
	}
	_, values, err := sessionCodec{}.Decode(data)
	w.Launch, _ = values["launch"].(string)
	w.Locale, _ = values["locale"].(string)
	return err
}

// DeleteCtx ends a session.
func (t sessionTable) DeleteCtx(ctx context.Context, secret string) error {
	scope, err := sessionScopeOf(ctx)
	if err != nil || secret == "" {
		return err
	}
	return t.db.Tx(ctx, scope.tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "update session set revoked_at = now() where hash = $1 and revoked_at is null", hashOf(secret))
		if err != nil || !scope.out || scope.found == nil || tag.RowsAffected() == 0 {
			return err
		}
		return AuditTx(ctx, tx, scope.found.who, "sign-out", scope.found.who.Login(), nil)
	})
}

// Find, Commit and Delete are the store's methods without context: there is no tenant then.
func (t sessionTable) Find(string) ([]byte, bool, error)      { return nil, false, errNoScope }
func (t sessionTable) Commit(string, []byte, time.Time) error { return errNoScope }
func (t sessionTable) Delete(string) error                    { return errNoScope }

// sessionCodec keeps sessions as JSON, which any node of any version can read.
type sessionCodec struct{}

type sessionData struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode writes a session's values.
func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode reads what Encode wrote.
func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return time.Time{}, nil, fmt.Errorf("a session's data: %w", err)
	}
	if d.Values == nil {
		d.Values = map[string]any{}
	}
	return d.Deadline, d.Values, nil
}
