package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// sql runs a statement on the shell's database.
func (s shell) sql(statement string) {
	s.t.Helper()
	dsn := strings.TrimPrefix(s.environ[0], "CUTROOM_DATABASE_URL=")
	conn, err := pgx.Connect(s.t.Context(), dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(s.t.Context(), statement); err != nil {
		s.t.Fatal(err)
	}
}

// Without a node that works jobs the command deletes by itself, tells each step, and goes on with what another began.
func TestDeletingATenantByCommand(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.must("tenant", "create", "west")
	out := s.must("tenant", "delete", "west", "--yes")
	for _, step := range []string{"tables", "schema", "role", "files", "entry"} {
		if !strings.Contains(out, step) {
			t.Errorf("it does not tell of its %s: %s", step, out)
		}
	}
	if _, complaint, code := s.call("", "tenant", "delete", "west", "--yes"); code != failed || !strings.Contains(complaint, "no tenant west") {
		t.Errorf("exit %d, %s", code, complaint)
	}
	s.must("tenant", "create", "west")
	s.sql("update cutroom.tenant set deleting_at = now(), deleting_by = 'olga', deleting_until = now() where id = 'west'")
	if out := s.must("tenant", "list"); !strings.Contains(out, "is being deleted") {
		t.Errorf("list prints %s", out)
	}
	if _, complaint, code := s.call("", "tenant", "create", "west"); code != failed || !strings.Contains(complaint, "being deleted") {
		t.Errorf("exit %d, %s", code, complaint)
	}
	s.must("tenant", "delete", "west", "--yes")
	s.must("tenant", "create", "west")
}

func TestMigratingTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	if out := s.must("migrate"); !strings.Contains(out, "Nothing to do: the database and 1 tenant are at this version.") {
		t.Errorf("it prints %s", out)
	}
	s.sql("insert into cutroom.migration (scope, version, name) values ('tenant:demo', 9001, 'of a newer build')")
	if out := s.must("tenant", "list"); !strings.Contains(out, "newer than this build") {
		t.Errorf("list prints %s", out)
	}
	s.environ = append(s.environ, "CUTROOM_SECRET=0123456789abcdef0123456789abcdef", "CUTROOM_LISTEN=127.0.0.1:0")
	s.sql("insert into cutroom.migration (scope, version, name) values ('system', 9001, 'of a newer build')")
	for command, says := range map[string]string{"migrate": "newer than this build", "serve": "newer than this node", "work": "newer than this node", "tenant list": "newer than this node"} {
		_, complaint, code := s.call("", strings.Fields(command)...)
		if code != failed || !strings.Contains(complaint, says) {
			t.Errorf("%s: exit %d, %s", command, code, complaint)
		}
	}
}
