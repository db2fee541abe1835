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
}

type begunSession struct {
	who Who
	how Begin
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

// CommitCtx writes a session, unless it was ended meanwhile: then the answer is a fault Unauthorized.
func (t sessionTable) CommitCtx(ctx context.Context, secret string, data []byte, expires time.Time) error {
	scope, err := sessionScopeOf(ctx)
	if err != nil {
		return err
	}
	_, values, err := sessionCodec{}.Decode(data)
	if err != nil {
		return err
	}
	return t.db.Tx(ctx, scope.tenant, func(tx pgx.Tx) error {
		if scope.begun != nil {
			return scope.begun.insertTx(ctx, tx, secret, data, expires)
		}
		tag, err := tx.Exec(ctx, `update session set data = $3, expires_at = $4, used_at = now()
			where hash = $1 and user_name = $2 and revoked_at is null and expires_at > now()`, hashOf(secret), values["user"], data, expires)
		if err == nil && tag.RowsAffected() == 0 {
			return ended()
		}
		return err
	})
}

// insertTx writes a new session with its line in the log.
func (b begunSession) insertTx(ctx context.Context, tx pgx.Tx, secret string, data []byte, expires time.Time) error {
	how := b.how
	_, err := tx.Exec(ctx, `insert into session (hash, user_name, data, expires_at, how, source, agent, address) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		hashOf(secret), b.who.Login(), data, expires, how.How, how.Source, plain(how.Agent, 512), plain(how.Address, 64))
	if err != nil {
		return err
	}
	detail := map[string]any{"how": how.How}
	if how.Source != "" {
		detail["source"] = how.Source
	}
	if b.who.Tenant != b.who.Home() {
		detail["tenant"] = b.who.Tenant
	}
	return AuditTx(ctx, tx, b.who, "sign-in", b.who.Login(), detail)
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

// launchIn is the launch that a session's data names; "" without one, or without data.
func launchIn(data []byte) (string, error) {
	if data == nil {
		return "", nil
	}
	_, values, err := sessionCodec{}.Decode(data)
	launch, _ := values["launch"].(string)
	return launch, err
}

// DeleteCtx ends a session.
func (t sessionTable) DeleteCtx(ctx context.Context, secret string) error {
	scope, err := sessionScopeOf(ctx)
	if err != nil || secret == "" {
		return err
	}
	return t.db.Tx(ctx, scope.tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update session set revoked_at = now() where hash = $1 and revoked_at is null", hashOf(secret))
		return err
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
