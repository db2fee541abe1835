package tenant

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/live"
)

// Files is what tenants need of the storage; every storage.Store has it.
type Files interface {
	MakeTenant(ctx context.Context, tenant string) error    // its folder
	RetireTenant(ctx context.Context, tenant string) error  // out of reach at once
	RemoveRetired(ctx context.Context, tenant string) error // what was retired, which may take long
}

// maxName is how many signs a tenant's name may have, maxDescription its description.
const (
	maxName        = 200
	maxDescription = 4000
)

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// Create makes a tenant with its schema, role, folder of files and hosts. It is one transaction, schema and role included: a
// node that is killed meanwhile leaves nothing but, at most, an empty folder. name "": the id. hosts are its own host
// names; it is always reachable at <id>.<public host> too. Faults: Invalid, and Conflict for an id that is in use, also by a tenant that
// is being deleted.
func (db *DB) Create(ctx context.Context, id ID, name, description string, hosts []string) error {
	if strings.TrimSpace(name) == "" {
		name = string(id)
	}
	wrong := append(checkName(name), checkDescription(description)...)
	if !id.Valid() {
		wrong = append([]fault.Field{{Path: "/id", Rule: "TenantID", Message: "Use lower-case letters and digits, a letter first."}}, wrong...)
	}
	hosts, wrongHosts := checkHosts(hosts)
	if err := refuse(append(wrong, wrongHosts...)); err != nil {
		return err
	}
	if err := db.Serves(ctx); err != nil {
		return err
	}
	err := patiently(ctx, func() error {
		return run(ctx, db.Pool, pgx.TxOptions{}, func(tx pgx.Tx) error {
			return db.createTx(ctx, tx, Tenant{ID: id, Name: strings.TrimSpace(name), Description: description, Hosts: hosts})
		})
	})
	if err == nil {
		db.tell(listNotice)
	}
	return err
}

func (db *DB) createTx(ctx context.Context, tx pgx.Tx, t Tenant) error {
	s := scopeOf(t.ID)
	if err := s.lockTx(ctx, tx); err != nil {
		return err
	}
	if err := freeTx(ctx, tx, t.ID); err != nil {
		return err
	}
	// A schema without a tenant can only be a rest of an older build's try: it goes on.
	if err := s.makeTx(ctx, tx); err != nil {
		return err
	}
	done, err := s.versionTx(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range db.migrations()["tenant"] {
		if m.version > done {
			if err := s.applyTx(ctx, tx, m); err != nil {
				return err
			}
		}
	}
	if err := s.grantTx(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "insert into cutroom.tenant (id, name, description) values ($1, $2, $3)", t.ID, t.Name, t.Description); err != nil {
		return err
	}
	if err := hostsTx(ctx, tx, t.ID, t.Hosts); err != nil {
		return err
	}
	if db.Files == nil {
		return nil
	}
	return db.Files.MakeTenant(ctx, string(t.ID))
}

// freeTx says whether an id can be given to a new tenant.
func freeTx(ctx context.Context, tx pgx.Tx, id ID) error {
	var deleting bool
	err := tx.QueryRow(ctx, "select deleting_at is not null from cutroom.tenant where id = $1", id).Scan(&deleting)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return served(err)
	case deleting:
		return fault.Newf(fault.Conflict, "error.tenant-deleting", "Tenant %s is being deleted. Its id is free again when that is done.", id).With(map[string]any{"Tenant": id})
	}
	return fault.Newf(fault.Conflict, "error.tenant-exists", "There is a tenant %s already.", id).With(map[string]any{"Tenant": id})
}

// hostsTx gives hosts to a tenant in place of those that it has.
func hostsTx(ctx context.Context, tx pgx.Tx, id ID, hosts []string) error {
	if _, err := tx.Exec(ctx, "delete from cutroom.tenant_host where tenant_id = $1 and host <> all($2)", id, hosts); err != nil {
		return err
	}
	for _, h := range hosts {
		var owner ID
		err := tx.QueryRow(ctx, `insert into cutroom.tenant_host (host, tenant_id) values ($1, $2)
			on conflict (host) do update set host = excluded.host returning tenant_id`, h, id).Scan(&owner)
		if err != nil {
			return err
		}
		if owner != id {
			return refuse([]fault.Field{{Path: "/hosts", Rule: "TenantHostTaken", Message: h + ": Another tenant has this host name."}})
		}
	}
	return nil
}

func checkName(name string) []fault.Field {
	if utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) || strings.ContainsRune(name, 0) || strings.TrimSpace(name) == "" {
		return []fault.Field{{Path: "/name", Rule: "TenantName", Message: "Use 1 to 200 signs."}}
	}
	return nil
}

func checkDescription(description string) []fault.Field {
	if utf8.RuneCountInString(description) > maxDescription || !utf8.ValidString(description) || strings.ContainsRune(description, 0) {
		return []fault.Field{{Path: "/description", Rule: "TenantDescription", Message: "Use at most 4000 signs."}}
	}
	return nil
}

// checkHosts gives host names as they are stored: in lower case, sorted, each once.
func checkHosts(hosts []string) (clean []string, wrong []fault.Field) {
	clean = []string{}
	for _, h := range hosts {
		h = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(h)), ".")
		if !hostForm.MatchString(h) || len(h) > 253 {
			wrong = append(wrong, fault.Field{Path: "/hosts", Rule: "TenantHost", Message: h + ": A host name has letters, digits, hyphens and dots."})
		}
		clean = append(clean, h)
	}
	slices.Sort(clean)
	return slices.Compact(clean), wrong
}

// refuse makes one fault of all that is wrong.
func refuse(wrong []fault.Field) error {
	if len(wrong) == 0 {
		return nil
	}
	var says []string
	for _, f := range wrong {
		says = append(says, strings.TrimPrefix(f.Path, "/")+": "+f.Message)
	}
	if wrong[0].Path == "/id" {
		return fault.New(fault.Invalid, "error.tenant-id", "A tenant's id is a lower-case letter followed by up to 30 lower-case letters and digits.").WithFields(wrong...)
	}
	return fault.New(fault.Invalid, "error.tenant", strings.Join(says, " ")).WithFields(wrong...)
}

// Change is what is to be different of a tenant; nil: as it is.
type Change struct {
	Name, Description *string
	Hosts             *[]string // its own host names, in place of those that it has
}

// Change changes a tenant that answers, all of it or nothing. Faults: Invalid, NotFound.
func (db *DB) Change(ctx context.Context, id ID, c Change) error {
	var wrong []fault.Field
	if c.Name != nil {
		wrong = append(wrong, checkName(*c.Name)...)
		trimmed := strings.TrimSpace(*c.Name)
		c.Name = &trimmed
	}
	if c.Description != nil {
		wrong = append(wrong, checkDescription(*c.Description)...)
	}
	var hosts []string
	if c.Hosts != nil {
		clean, wrongHosts := checkHosts(*c.Hosts)
		hosts, wrong = clean, append(wrong, wrongHosts...)
	}
	if err := refuse(wrong); err != nil {
		return err
	}
	return db.change(ctx, id, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update tenant set name = coalesce($2, name), description = coalesce($3, description) where id = $1", id, c.Name, c.Description)
		if err != nil || c.Hosts == nil {
			return err
		}
		return hostsTx(ctx, tx, id, hosts)
	})
}

// change runs fn holding the row of a tenant that answers.
func (db *DB) change(ctx context.Context, id ID, fn func(pgx.Tx) error) error {
	err := db.System(ctx, func(tx pgx.Tx) error {
		var one int
		err := tx.QueryRow(ctx, "select 1 from tenant where id = $1 and deleting_at is null for update", string(id)).Scan(&one)
		if errors.Is(err, pgx.ErrNoRows) {
			return noTenant(id)
		}
		if err != nil {
			return err
		}
		return fn(tx)
	})
	if err == nil {
		db.tell(listNotice)
	}
	return err
}

// listNotice tells every node that the list of tenants has changed.
var listNotice = live.Notice{Topic: ListTopic}

// ListTopic is heard, for no tenant, by those that keep the list of tenants; Topic, for one, by those that have to look whether it still
// answers.
const (
	ListTopic = "tenants:"
	Topic     = "tenant:"
)

func (db *DB) tell(notices ...live.Notice) {
	if db.Bus != nil {
		db.Bus.Publish(notices...)
	}
}
