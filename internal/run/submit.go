package run

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Workflow is the only one there is: render the kept parts and show them to the readers.
const Workflow = "publish"

// Submit makes a run of an event's edit at a rev (nil: the present one). What happens to the runs that are there already
// is the tenant's setting edit.runs. Refusals: NotFound and Forbidden for who may not write, Invalid for an unknown workflow or
// rev and for an edit that keeps nothing, Conflict while the event is being processed or, by the policy reject, while another
// run is open; then Current is that run.
func (s *Store) Submit(ctx context.Context, who user.Who, id event.ID, workflow string, rev *int64) (Run, error) {
	return s.submit(ctx, who, id, workflow, rev, "run.submit", map[string]any{})
}

// submit is Submit with what the audit log says of it.
func (s *Store) submit(ctx context.Context, who user.Who, id event.ID, workflow string, rev *int64, action string, detail map[string]any) (Run, error) {
	var made Run
	var touched []ID
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		if err := event.RightTx(ctx, tx, who, id, event.ToWrite); err != nil {
			return err
		}
		if workflow != Workflow {
			return fault.New(fault.Invalid, "error.run-workflow", "There is no such workflow. Use publish.").
				WithFields(fault.Field{Path: "/workflow", Rule: "KnownWorkflow", Message: "Use publish."})
		}
		present, err := lockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		wanted := present
		if rev != nil {
			wanted = *rev
		}
		if err := s.checkTx(ctx, tx, who.Tenant, id, wanted, present); err != nil {
			return err
		}
		settings, err := tenant.SettingsTx(ctx, tx)
		if err != nil {
			return err
		}
		if touched, err = s.policyTx(ctx, tx, who, id, settings.EditRuns); err != nil {
			return err
		}
		if made, err = s.insertTx(ctx, tx, who, id, wanted); err != nil {
			return err
		}
		detail["event"], detail["title"], detail["rev"] = id, made.EventTitle, wanted
		if len(touched) > 0 {
			detail["instead"] = touched
		}
		return user.AuditTx(ctx, tx, who, action, string(made.ID), detail)
	})
	if err != nil {
		return Run{}, err
	}
	s.tell(who.Tenant, id, append(touched, made.ID)...)
	return made, nil
}

// checkTx refuses what could only fail later.
func (s *Store) checkTx(ctx context.Context, tx pgx.Tx, t tenant.ID, id event.ID, rev, present int64) error {
	var state event.State
	var sources bool
	err := tx.QueryRow(ctx, `select state, exists (select 1 from asset a where a.event_id = e.id and a.source and a.kind = 'track'
			and jsonb_path_exists(a.streams, '$[*] ? (@.kind == "video" || @.kind == "audio")'))
		from event e where id = $1`, id).Scan(&state, &sources)
	switch {
	case err != nil:
		return err
	case state == event.Processing:
		return fault.New(fault.Conflict, "error.run-processing", "The recording is still being processed. Publish it when that is done.")
	case !sources:
		return fault.New(fault.Conflict, "error.run-no-source", "There is nothing to publish: the recording has no picture and no sound yet.")
	case rev < 0 || rev > present:
		return fault.Newf(fault.Invalid, "error.run-rev", "There is no version %d of this edit; the newest is %d.", rev, present).
			With(map[string]any{"Rev": rev, "Present": present}).
			WithFields(fault.Field{Path: "/rev", Rule: "KnownRev", Message: fmt.Sprintf("Use a version from 0 to %d.", present)})
	}
	src, st, err := s.Edits.AtTx(ctx, tx, t, id, edit.Rev(rev))
	if err != nil {
		return err
	}
	if len(edit.Kept(src, st)) == 0 {
		return fault.New(fault.Invalid, "error.run-nothing-left", "At least one part has to stay.").
			WithFields(fault.Field{Path: "/rev", Rule: "SomethingKept", Message: "At least one part has to stay."})
	}
	for _, track := range src.Tracks {
		if use := st.Use(track.Asset); use.Video && track.Video || use.Audio && track.Audio {
			return nil
		}
	}
	return fault.New(fault.Invalid, "error.run-no-track", "At least one picture or sound has to go in.").
		WithFields(fault.Field{Path: "/rev", Rule: "SomethingKept", Message: "At least one picture or sound has to go in."})
}

// insertTx makes the waiting run and its steps, and dispatches it if nothing else of the event is active.
func (s *Store) insertTx(ctx context.Context, tx pgx.Tx, who user.Who, id event.ID, rev int64) (Run, error) {
	name := who.Name
	if name == "" {
		name = who.User
	}
	made := newID()
	_, err := tx.Exec(ctx, `insert into run (id, event_id, seq, workflow, rev, state, requested_by, requested_name)
		select $1, $2, coalesce(max(seq), 0) + 1, $3, $4, 'queued', $5, $6 from run where event_id = $2`, made, id, Workflow, rev, who.User, name)
	if err != nil {
		return Run{}, err
	}
	_, err = tx.Exec(ctx, `insert into run_step (run_id, ordinal, name, state)
		select $1, n, name, 'waiting' from unnest($2::text[]) with ordinality as s (name, n)`, made, StepNames)
	if err != nil {
		return Run{}, err
	}
	if err := logTx(ctx, tx, made, name+" started this."); err != nil {
		return Run{}, err
	}
	if _, err := s.promoteTx(ctx, tx, who.Tenant, id); err != nil {
		return Run{}, err
	}
	return oneTx(ctx, tx, made)
}

// newID is 128 random bits in 22 signs.
func newID() ID {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return ID(base64.RawURLEncoding.EncodeToString(b))
}
