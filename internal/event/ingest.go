package event

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// IngestArgs is the job that takes an uploaded file in.
type IngestArgs struct {
	Tenant tenant.ID `json:"tenant" river:"unique"`
	Upload UploadID  `json:"upload" river:"unique"`
	Round  int64     `json:"round" river:"unique"` // a rescue is a new job: River's ids are never used again
}

// Kind names the job.
func (IngestArgs) Kind() string { return "event_ingest" }

// Lease of an upload that is being taken in, and how often it is renewed. A file that nobody has taken after its job was
// made for ingestGrace is given another job.
const (
	ingestLease    = 15 * time.Second
	ingestBeat     = 4 * time.Second
	ingestGrace    = 30 * time.Second
	ingestAttempts = 3
	ingestWait     = 20 * time.Second // until a file that found the disk full is tried again
)

// QueueIngest is River's queue of files that come in.
const QueueIngest = "ingest"

func (s *Uploads) enqueueTx(ctx context.Context, tx pgx.Tx, t tenant.ID, id UploadID) error {
	var round int64
	err := tx.QueryRow(ctx, "update upload set fence = fence + 1, lease_until = clock_timestamp() + $2::interval where id = $1 returning fence", id, ingestGrace).Scan(&round)
	if err != nil {
		return err
	}
	return tenant.AsSystem(ctx, tx, func() error {
		_, err := s.Jobs.InsertTx(ctx, tx, IngestArgs{Tenant: t, Upload: id, Round: round},
			&river.InsertOpts{Queue: QueueIngest, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true}})
		return err
	})
}

// errFenced says that another node has the upload now, or that it is gone.
var errFenced = errors.New("another node has taken this upload")

// claim takes the upload for this node. Only the newest job of an upload can.
func (s *Uploads) claim(ctx context.Context, a IngestArgs) (Upload, error) {
	var u Upload
	err := s.DB.Tx(ctx, a.Tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update upload set node = $3, attempt = attempt + 1, lease_until = clock_timestamp() + $4::interval
			where id = $1 and fence = $2 and finished_at is not null and ended_at is null`, a.Upload, a.Round, s.Node, ingestLease)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errFenced
		}
		u, err = findUploadTx(ctx, tx, a.Upload)
		return err
	})
	return u, err
}

// beat renews the lease while ctx lives and cancels the work when the lease is lost. progress is read each time.
func (s *Uploads) beat(ctx context.Context, cancel context.CancelCauseFunc, a IngestArgs, event ID, progress func() float64) {
	lost := keepLease(ctx, ingestLease, ingestBeat, func(ctx context.Context) (held bool, err error) {
		err = s.DB.Tx(ctx, a.Tenant, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `update upload set lease_until = clock_timestamp() + $3::interval, progress = greatest(progress, $4)
				where id = $1 and fence = $2 and ended_at is null`, a.Upload, a.Round, ingestLease, progress())
			held = tag.RowsAffected() == 1
			return err
		})
		if fault.KindOf(err) == fault.NotFound {
			return false, nil // the tenant goes
		}
		if held && err == nil {
			s.Bus.Publish(Notice(a.Tenant, event))
		}
		return held, err
	})
	if lost {
		cancel(errFenced)
	}
}

// fencedTx runs fn in a transaction only if this attempt still has the upload, and holds its row meanwhile.
func (s *Uploads) fencedTx(ctx context.Context, a IngestArgs, fn func(pgx.Tx) error) error {
	return s.DB.Tx(ctx, a.Tenant, func(tx pgx.Tx) error {
		var one int
		err := tx.QueryRow(ctx, "select 1 from upload where id = $1 and fence = $2 and ended_at is null for update", a.Upload, a.Round).Scan(&one)
		if errors.Is(err, pgx.ErrNoRows) {
			return errFenced
		}
		if err != nil {
			return err
		}
		return fn(tx)
	})
}

// Ingest takes one uploaded file in: inspects it, refuses what is no media, makes the derived files, and adds all to the
// event. Killed anywhere, another node does it again; what was added once is not added twice. A refusal is written to
// the event and is no error of the job.
func (s *Uploads) Ingest(ctx context.Context, a IngestArgs) error {
	u, err := s.claim(ctx, a)
	if errors.Is(err, errFenced) {
		return nil
	}
	if err != nil {
		return err
	}
	if u.Attempt > ingestAttempts {
		return s.refuse(ctx, a, u, fault.New(fault.Invalid, "error.ingest-attempts", "Taking in this file failed three times; the node that did it was lost each time."))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &intake{Uploads: s, args: a, upload: u}
	go s.beat(ctx, cancel, a, u.EventID, w.done.load)
	err = w.run(ctx)
	switch {
	case err == nil || errors.Is(context.Cause(ctx), errFenced) || errors.Is(err, errFenced):
		return nil
	case ctx.Err() != nil:
		return s.release(context.WithoutCancel(ctx), a)
	case noRoom(err):
		cancel(nil)
		return errors.Join(err, s.wait(context.WithoutCancel(ctx), a, u, err))
	case fault.KindOf(err) == fault.Invalid || u.Attempt >= ingestAttempts:
		return s.refuse(context.WithoutCancel(ctx), a, u, err)
	}
	return errors.Join(err, s.release(context.WithoutCancel(ctx), a))
}

// release gives an upload back at once, so that another node need not wait for the lease to end.
func (s *Uploads) release(ctx context.Context, a IngestArgs) error {
	err := s.fencedTx(ctx, a, func(tx pgx.Tx) error { return s.enqueueTx(ctx, tx, a.Tenant, a.Upload) })
	if errors.Is(err, errFenced) {
		return nil
	}
	return err
}

// noRoom says whether an attempt found the disk full. That is nothing the file can help: it stays, and is tried again until
// there is room.
func noRoom(err error) bool {
	f := fault.As(err)
	return f != nil && f.ID == "disk-full"
}

// wait keeps an upload for a later attempt, which does not count as one more. Until then the event is what its other
// originals make it, else failed with the reason.
func (s *Uploads) wait(ctx context.Context, a IngestArgs, u Upload, why error) error {
	err := s.fencedTx(ctx, a, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update upload set attempt = greatest(attempt - 1, 0), node = null, lease_until = clock_timestamp() + $2::interval
			where id = $1`, a.Upload, ingestWait)
		if err != nil {
			return err
		}
		return settleWithoutTx(ctx, tx, u.EventID, u.ID, fault.As(why).Text)
	})
	if errors.Is(err, errFenced) {
		return nil
	}
	if err == nil {
		s.Bus.Publish(Notice(a.Tenant, u.EventID))
	}
	return err
}

// refuse ends an upload with the reason. The event fails unless it has another original.
func (s *Uploads) refuse(ctx context.Context, a IngestArgs, u Upload, why error) error {
	text := "Something broke on our side while taking in this file."
	if f := fault.As(why); f != nil {
		text = f.Text
	}
	err := s.fencedTx(ctx, a, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "update upload set error = $2, ended_at = now(), lease_until = null where id = $1", a.Upload, text); err != nil {
			return err
		}
		if err := garbageTx(ctx, tx, u.path()); err != nil {
			return err
		}
		return settleTx(ctx, tx, u.EventID)
	})
	if err == nil {
		s.Bus.Publish(Notice(a.Tenant, u.EventID))
	}
	if fault.KindOf(why) == fault.Invalid {
		return err
	}
	return errors.Join(why, err)
}

// settleTx sets the event's state by what there is: processing while files are being taken in, ready with an original,
// failed with the last refusal, else empty.
func settleTx(ctx context.Context, tx pgx.Tx, id ID) error {
	return settleWithoutTx(ctx, tx, id, "", "")
}

// settleWithoutTx is settleTx while one file waits for a reason that people should know.
func settleWithoutTx(ctx context.Context, tx pgx.Tx, id ID, waiting UploadID, why string) error {
	var busy, ready bool
	var refusal *string
	err := tx.QueryRow(ctx, `select
		exists (select 1 from upload where event_id = $1 and finished_at is not null and ended_at is null and id <> $2),
		exists (select 1 from asset where event_id = $1 and source and kind = 'track'),
		(select error from upload where event_id = $1 and error is not null order by ended_at desc limit 1)`, id, waiting).Scan(&busy, &ready, &refusal)
	if why != "" {
		refusal = &why
	}
	switch {
	case err != nil:
		return err
	case busy:
		return SetStateTx(ctx, tx, id, Processing, "")
	case ready:
		return SetStateTx(ctx, tx, id, Ready, "")
	case refusal != nil:
		return SetStateTx(ctx, tx, id, Failed, *refusal)
	}
	return SetStateTx(ctx, tx, id, Empty, "")
}

// ReapIngests gives a new job to files whose node is not heard of any more, in one tenant. It returns how many.
func (s *Uploads) ReapIngests(ctx context.Context, t tenant.ID) (int, error) {
	var n int
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id from upload where finished_at is not null and ended_at is null
			and (lease_until is null or lease_until < clock_timestamp()) for update skip locked`)
		if err != nil {
			return err
		}
		due, err := pgx.CollectRows(rows, pgx.RowTo[UploadID])
		if err != nil {
			return err
		}
		for _, id := range due {
			if err := s.enqueueTx(ctx, tx, t, id); err != nil {
				return err
			}
		}
		n = len(due)
		return nil
	})
	return n, err
}
