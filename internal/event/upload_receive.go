package event

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// How long a node may be silent before its lock on an upload is anybody's, and how often it says that it lives.
const (
	uploadLock  = 15 * time.Second
	uploadRenew = 4 * time.Second
	uploadPiece = 8 << 20 // bytes after which received rises
)

// Lock makes this node the only one that writes an upload's bytes until unlock is called, the node dies, or it is not
// heard of for 15 s. lost is closed when the lock was lost. It waits while another node holds the lock.
func (s *Uploads) Lock(ctx context.Context, t tenant.ID, id UploadID) (lost <-chan struct{}, unlock func(), err error) {
	owner := s.Node + "/" + uuid.NewString()
	for {
		got, err := s.tryLock(ctx, t, id, owner)
		if err != nil {
			return nil, nil, err
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	gone, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		if keepLease(ctx, uploadLock, uploadRenew, func(ctx context.Context) (bool, error) { return s.tryLock(ctx, t, id, owner) }) {
			close(gone)
		}
	}()
	return gone, func() { cancel(); <-done; s.unlock(t, id, owner) }, nil
}

func (s *Uploads) tryLock(ctx context.Context, t tenant.ID, id UploadID, owner string) (bool, error) {
	var got bool
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update upload set lock_owner = $2, lock_until = clock_timestamp() + $3::interval
			where id = $1 and (lock_owner is null or lock_owner = $2 or lock_until < clock_timestamp())`, id, owner, uploadLock)
		if err != nil || tag.RowsAffected() == 1 {
			got = err == nil
			return err
		}
		_, err = findUploadTx(ctx, tx, id)
		return err
	})
	return got, err
}

func (s *Uploads) unlock(t tenant.ID, id UploadID, owner string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update upload set lock_owner = null, lock_until = null where id = $1 and lock_owner = $2", id, owner)
		return err
	})
}

// Receive writes what r gives from offset on (the bytes safe so far) and returns how many bytes of it are safe now, also
// with an error. The caller holds the lock. Bytes count as received only after they are in the file.
func (s *Uploads) Receive(ctx context.Context, t tenant.ID, u Upload, offset int64, r io.Reader) (int64, error) {
	var written int64
	for {
		limit := min(uploadPiece, u.Size-offset-written)
		if limit <= 0 {
			return written, nil
		}
		n, err := s.Files.WriteAt(ctx, string(t), u.path(), offset+written, io.LimitReader(r, limit))
		written += n
		if n > 0 {
			if e := s.note(ctx, t, u.ID, offset+written); e != nil {
				return written - n, e
			}
		}
		if err != nil || n < limit {
			return written, err
		}
	}
}

func (s *Uploads) note(ctx context.Context, t tenant.ID, id UploadID, received int64) error {
	return s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update upload set received = $2, modified = now() where id = $1 and finished_at is null", id, received)
		return err
	})
}

// Finish says that the last byte is in: the event is processing from now on, and a job takes the file in.
// Called twice it does it once.
func (s *Uploads) Finish(ctx context.Context, t tenant.ID, id UploadID) error {
	var event ID
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		u, err := findUploadTx(ctx, tx, id)
		if err != nil {
			return err
		}
		event = u.EventID
		tag, err := tx.Exec(ctx, "update upload set finished_at = now() where id = $1 and finished_at is null", id)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := SetStateTx(ctx, tx, u.EventID, Processing, ""); err != nil {
			return err
		}
		return s.enqueueTx(ctx, tx, t, id)
	})
	if err == nil {
		s.Bus.Publish(Notice(t, event))
	}
	return err
}

// Stop ends an upload before its last byte; the event that it made goes with it if nobody changed that since: an upload
// that makes an event is as old as the event's last change.
func (s *Uploads) Stop(ctx context.Context, who user.Who, id UploadID) error {
	u, err := s.Find(ctx, who, id)
	if err != nil {
		return err
	}
	if u.FinishedAt != nil {
		return fault.New(fault.Conflict, "error.upload-finished", "The file is in already.")
	}
	err = s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		var made time.Time
		err := tx.QueryRow(ctx, "delete from upload where id = $1 and finished_at is null returning created", id).Scan(&made)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.Gone()
		}
		if err != nil {
			return err
		}
		if err := garbageTx(ctx, tx, u.path()); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from event e where id = $1 and state = 'empty' and created_by = $2 and modified = $3
			and not exists (select 1 from asset where event_id = e.id) and not exists (select 1 from upload where event_id = e.id)`, u.EventID, who.User, made)
		return err
	})
	if err == nil {
		s.Bus.Publish(Notice(who.Tenant, u.EventID))
	}
	return err
}
