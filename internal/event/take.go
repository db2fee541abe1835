package event

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Staged is a whole file that lies in storage and belongs to nothing yet: Admit it or Drop it. Where neither comes because
// the node died, it is swept.
type Staged struct {
	ID   UploadID
	Size int64 // bytes
}

// Stage stores what r gives.
func (s *Uploads) Stage(ctx context.Context, t tenant.ID, r io.Reader) (Staged, error) {
	st := Staged{ID: UploadID(newID())}
	path := Upload{ID: st.ID}.path()
	err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error { return AnnounceTx(ctx, tx, path) })
	if err != nil {
		return Staged{}, err
	}
	if st.Size, err = s.Files.WriteAt(ctx, string(t), path, 0, io.LimitReader(r, MaxUpload+1)); err != nil {
		s.Drop(ctx, t, st)
	}
	return st, err
}

// Drop removes a staged file.
func (s *Uploads) Drop(ctx context.Context, t tenant.ID, st Staged) {
	_ = s.Files.Remove(context.WithoutCancel(ctx), string(t), Upload{ID: st.ID}.path())
}

// Admit takes a staged file in, as an upload whose last byte is in. What is no media, no subtitles and no picture is
// refused with fault Invalid, and nothing is changed.
func (s *Uploads) Admit(ctx context.Context, who user.Who, n NewUpload, st Staged) (Upload, error) {
	u, err := s.admit(ctx, who, n, st)
	if err != nil {
		s.Drop(ctx, who.Tenant, st)
	}
	return u, err
}

func (s *Uploads) admit(ctx context.Context, who user.Who, n NewUpload, st Staged) (Upload, error) {
	if st.Size == 0 {
		return Upload{}, emptyFile()
	}
	n.ID, n.Size, n.received = st.ID, st.Size, st.Size
	if err := s.look(ctx, who.Tenant, n); err != nil {
		return Upload{}, err
	}
	u, err := s.Start(ctx, who, n)
	if err != nil {
		return Upload{}, err
	}
	return u, s.Finish(ctx, who.Tenant, u.ID)
}

// look inspects a staged file as the job will.
func (s *Uploads) look(ctx context.Context, t tenant.ID, n NewUpload) error {
	w := &intake{Uploads: s, args: IngestArgs{Tenant: t}, upload: Upload{ID: n.ID, Filename: n.Filename, Size: n.Size}}
	local, release, err := s.Files.Local(ctx, string(t), w.upload.path())
	if err != nil {
		return err
	}
	defer release()
	return w.describe(ctx, local, &Asset{Properties: map[string]string{}})
}

// Take is Stage and Admit in one.
func (s *Uploads) Take(ctx context.Context, who user.Who, n NewUpload, r io.Reader) (Upload, error) {
	st, err := s.Stage(ctx, who.Tenant, r)
	if err != nil {
		return Upload{}, err
	}
	return s.Admit(ctx, who, n, st)
}

func emptyFile() error { return fault.New(fault.Invalid, "media.empty", "This file is empty.") }
