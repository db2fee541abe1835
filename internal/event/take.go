package event

import (
	"context"
	"io"

	"cutroom/internal/user"
)

// Take takes in a whole file that r gives: an upload in one piece. The file's size need not be known before.
func (s *Uploads) Take(ctx context.Context, who user.Who, n NewUpload, r io.Reader) (Upload, error) {
	id := UploadID(newID())
	path := Upload{ID: id}.path()
	size, err := s.Files.WriteAt(ctx, string(who.Tenant), path, 0, io.LimitReader(r, MaxUpload+1))
	if err != nil {
		_ = s.Files.Remove(context.WithoutCancel(ctx), string(who.Tenant), path)
		return Upload{}, err
	}
	n.ID, n.Size, n.received = id, size, size
	u, err := s.Start(ctx, who, n)
	if err != nil {
		_ = s.Files.Remove(context.WithoutCancel(ctx), string(who.Tenant), path)
		return Upload{}, err
	}
	return u, s.Finish(ctx, who.Tenant, u.ID)
}
