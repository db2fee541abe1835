package user

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// External is somebody whom a learning platform or an institution vouches for.
type External struct {
	Source      string // lti:<platform>, oidc:<provider>
	Subject     string // who it is there, 1 to 1,024 bytes
	Name        string // the user name that is wanted for a new person; it is made to fit and to be free
	DisplayName string // "": the name
	Trusted     bool   // Name means the person of this name here, if there is one who manages nothing
	Memberships []Membership
}

// Membership is what a course, or an institution's groups, make of somebody for a while.
type Membership struct {
	Context string // the course; "" for an institution
	Title   string // of the course
	Roles   []string
	Rank    string // "", editor, admin: lifts the person's own role
	Until   time.Time
}

// EnterTx finds the person of an identity, made now as a viewer if there is none, and replaces the memberships of the named
// contexts. A disabled person is a fault Forbidden. Nobody comes to have the own role of somebody else, however many enter
// side by side: a name that is taken gives way to one with a hash of the subject. Roles that only we give (somebody's own,
// ROLE_ADMIN) are left out. The notices are for after the commit: whoever has an open page or socket is looked at again.
func EnterTx(ctx context.Context, tx pgx.Tx, t tenant.ID, e External) (who Who, tell func(*Store), err error) {
	if err := e.check(); err != nil {
		return Who{}, nil, err
	}
	name, found, err := e.knownTx(ctx, tx)
	if err == nil && !found {
		name, err = e.makeTx(ctx, tx, t)
	}
	if err != nil {
		return Who{}, nil, err
	}
	changed, err := replaceMembershipsTx(ctx, tx, name, e.Source, e.Memberships)
	if err != nil {
		return Who{}, nil, err
	}
	var notices []live.Notice
	if found && changed {
		if notices, err = personNoticesTx(ctx, tx, t, name); err != nil {
			return Who{}, nil, err
		}
	}
	who, err = WhoByNameTx(ctx, tx, t, name)
	return who, telling(notices), err
}

// telling publishes notices, once their transaction is through.
func telling(notices []live.Notice) func(*Store) {
	return func(s *Store) {
		if len(notices) > 0 {
			s.Bus.Publish(notices...)
		}
	}
}

func (e External) check() error {
	if e.Source == "" || !storable(e.Subject) || e.Subject == "" || len(e.Subject) > 1024 {
		return fault.New(fault.Malformed, "error.external-subject", "Whoever vouches for somebody has to say who it is: in 1 to 1,024 bytes of text.")
	}
	for _, m := range e.Memberships {
		if !storable(m.Context) || len(m.Context) > 1024 {
			return fault.New(fault.Malformed, "error.external-context", "The id of a course has up to 1,024 bytes of text.")
		}
	}
	return nil
}

// storable says whether the database takes a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// knownTx finds the person of an identity. One that was bound to a name which its source was trusted with is good as long as
// that trust, and while the person manages nothing.
func (e External) knownTx(ctx context.Context, tx pgx.Tx) (name string, found bool, err error) {
	var display string
	var disabled, byName, manages bool
	err = tx.QueryRow(ctx, `select p.name::text, p.display_name::text, p.disabled_at is not null, i.by_name, p.role = 'admin'
			or exists (select 1 from membership m where m.user_name = p.name and m.rank = 'admin' and m.source <> i.source and m.until > now())
		from identity i join person p on p.name = i.user_name where i.source = $1 and i.subject = $2`, e.Source, e.Subject).
		Scan(&name, &display, &disabled, &byName, &manages)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && byName && (manages || !e.Trusted):
		return "", false, nil
	case err != nil:
		return "", false, err
	case disabled:
		return "", false, disabledPerson(name)
	}
	if wanted := e.display(""); wanted != "" && wanted != display && !byName {
		_, err = tx.Exec(ctx, "update person set display_name = $2 where name = $1", name, wanted)
	}
	return name, true, err
}

func disabledPerson(name string) error {
	return fault.Newf(fault.Forbidden, "error.person-disabled", "The account %s is locked here. Ask whoever manages this institution.", name).With(map[string]any{"Name": name})
}

// display is the display name as a person's row takes it.
func (e External) display(otherwise string) string {
	if name := plain(e.DisplayName, 1024); name != "" {
		return name
	}
	return otherwise
}

// makeTx makes the person of an identity, or finds the one that a trusted source means, and binds the identity to it. Whoever
// enters with the same identity at the same time waits at the first insert, and then finds what this transaction made.
func (e External) makeTx(ctx context.Context, tx pgx.Tx, t tenant.ID) (string, error) {
	if e.Trusted {
		name, ok, err := e.meantTx(ctx, tx, t)
		if err != nil || ok {
			return name, err
		}
	}
	for i, name := range e.names() {
		if !free(name) {
			continue
		}
		tag, err := tx.Exec(ctx, "insert into person (name, display_name, role) values ($1, $2, 'viewer') on conflict do nothing", name, e.display(name))
		if err != nil {
			return "", err
		}
		if tag.RowsAffected() == 0 {
			if now, found, err := e.knownTx(ctx, tx); err != nil || found {
				return now, err // somebody was faster
			}
			continue
		}
		if err := AuditTx(ctx, tx, System(t), "user.create", name, map[string]any{"role": "viewer", "source": e.Source}); err != nil {
			return "", err
		}
		return name, e.bindTx(ctx, tx, name, e.Trusted && i == 0)
	}
	return "", fault.Newf(fault.Conflict, "error.external-name", "No free user name was found for %s.", e.Subject).With(map[string]any{"Subject": e.Subject})
}

// meantTx finds the person whom a trusted source means by a user name: never one who manages something.
func (e External) meantTx(ctx context.Context, tx pgx.Tx, t tenant.ID) (string, bool, error) {
	if !free(e.Name) {
		return "", false, nil // nobody has such a name
	}
	who, err := WhoByNameTx(ctx, tx, t, e.Name)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		var there bool
		err = tx.QueryRow(ctx, "select exists (select 1 from person where name = $1 and disabled_at is not null)", e.Name).Scan(&there)
		if err == nil && there {
			err = disabledPerson(e.Name)
		}
		return "", false, err
	}
	if err != nil || who.Admin() {
		return "", false, err
	}
	return who.User, true, e.bindTx(ctx, tx, who.User, true)
}

func (e External) bindTx(ctx context.Context, tx pgx.Tx, name string, byName bool) error {
	_, err := tx.Exec(ctx, `insert into identity (source, subject, user_name, by_name) values ($1, $2, $3, $4)
		on conflict (source, subject) do update set user_name = excluded.user_name, by_name = excluded.by_name`, e.Source, e.Subject, name, byName)
	return err
}

// names are the user names that a new person may get, the best first.
func (e External) names() []string {
	return []string{e.Name, e.Source + ":" + short(e.Subject), "external:" + short(e.Source+"\x00"+e.Subject)}
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// free says whether a name is none that we keep for ourselves, and has the form of one.
func free(name string) bool {
	return nameForm.MatchString(name) && OwnRole(name) != OwnRole("system") && !strings.HasPrefix(OwnRole(name), operatorOwn)
}

// replaceMembershipsTx puts memberships in place of those of the same contexts, and says whether that changed anybody's rights.
// The rows are locked before they are compared: of two that enter side by side the later one sees what the earlier one wrote.
func replaceMembershipsTx(ctx context.Context, tx pgx.Tx, name, source string, list []Membership) (changed bool, err error) {
	for _, m := range list {
		roles, rank := givenRoles(m.Roles), &m.Rank
		if m.Rank == "" {
			rank = nil
		}
		var same bool
		err := tx.QueryRow(ctx, `select roles = $4 and rank is not distinct from $5 and until > now() from membership
			where user_name = $1 and source = $2 and context = $3 for update`, name, source, m.Context, roles, rank).Scan(&same)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return false, err
		}
		if _, err := tx.Exec(ctx, `insert into membership (user_name, source, context, title, roles, rank, until) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (user_name, source, context) do update
			set title = excluded.title, roles = excluded.roles, rank = excluded.rank, until = excluded.until, modified = now()`,
			name, source, m.Context, plain(m.Title, 1024), roles, rank, m.Until); err != nil {
			return false, err
		}
		changed = changed || !same || !m.Until.After(time.Now())
	}
	return changed, nil
}

// givenRoles are the roles that somebody else may give: sorted, each once, without those that we alone give.
func givenRoles(roles []string) []string {
	given := []string{}
	for _, role := range roles {
		if strings.TrimSpace(role) == "" || len(role) > 1024 || !storable(role) || role == RoleAdmin || strings.HasPrefix(role, OwnRole("")) {
			continue
		}
		given = append(given, role)
	}
	slices.Sort(given)
	return slices.Compact(given)
}

// personNoticesTx is for whatever shows what a person may.
func personNoticesTx(ctx context.Context, tx pgx.Tx, t tenant.ID, name string) ([]live.Notice, error) {
	notices, err := sessionNoticesTx(ctx, tx, t, name)
	return append(notices, live.Notice{Tenant: string(t), Topic: "user:" + name}), err
}

// DropSourceTx forgets whom a platform or provider that is removed vouched for: their memberships go, the sessions that began
// there end, and whoever registers under the same id later does not get their accounts. The people stay, with what is theirs.
// The notices are for after the commit.
func DropSourceTx(ctx context.Context, tx pgx.Tx, t tenant.ID, source string) (tell func(*Store), err error) {
	rows, err := tx.Query(ctx, `with gone as (delete from membership where source = $1 returning user_name),
			ended as (update session set revoked_at = now() where source = $1 and source <> '' and revoked_at is null returning hash, user_name),
			unbound as (delete from identity where source = $1 returning user_name)
		select 'user:' || user_name from (select user_name from gone union select user_name from ended) x
		union select 'session:' || encode(hash, 'hex') from ended
		union select 'session:' || encode(hash, 'hex') from (select hash, user_name from session where revoked_at is null and expires_at > now()
			union all select hash, user_name from token where revoked_at is null) s where user_name in (select user_name from gone)`, source)
	if err != nil {
		return nil, err
	}
	topics, err := pgx.CollectRows(rows, pgx.RowTo[string])
	notices := make([]live.Notice, len(topics))
	for i, topic := range topics {
		notices[i] = live.Notice{Tenant: string(t), Topic: topic}
	}
	return telling(notices), err
}
