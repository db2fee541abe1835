package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	tusd "github.com/tus/tusd/v2/pkg/handler"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// tusStore lets tusd's handler keep its uploads in event.Uploads. Who asks comes with the request's context.
type tusStore struct {
	uploads *event.Uploads
}

type tusUpload struct {
	*tusStore
	upload event.Upload
}

// tusRequest is what tusd's handler does not know of a request: who asks, and where refusals are kept.
type tusRequest struct {
	who      user.Who
	problems *tusProblems
}

type tusKey struct{}

// tusWho is the person behind a tus request.
func tusWho(ctx context.Context) user.Who {
	if r, ok := ctx.Value(tusKey{}).(*tusRequest); ok {
		return r.who
	}
	return user.Who{}
}

// NewUpload makes the row; tusd asks for it after newUploadHook has made it, so it is only found here.
func (s *tusStore) NewUpload(ctx context.Context, info tusd.FileInfo) (tusd.Upload, error) {
	return s.GetUpload(ctx, info.ID)
}

// GetUpload finds an upload that the person may write to.
func (s *tusStore) GetUpload(ctx context.Context, id string) (tusd.Upload, error) {
	u, err := s.uploads.Find(ctx, tusWho(ctx), event.UploadID(id))
	if err != nil {
		return nil, tusError(ctx, err)
	}
	return &tusUpload{s, u}, nil
}

// GetInfo tells how much is safe.
func (u *tusUpload) GetInfo(context.Context) (tusd.FileInfo, error) {
	return tusd.FileInfo{ID: string(u.upload.ID), Size: u.upload.Size, Offset: u.upload.Received,
		MetaData: tusd.MetaData{"filename": u.upload.Filename, "event": string(u.upload.EventID)}}, nil
}

// WriteChunk takes bytes in, up to where the client goes on or away.
func (u *tusUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	n, err := u.uploads.Receive(ctx, tusWho(ctx).Tenant, u.upload, offset, src)
	return n, tusError(ctx, err)
}

// GetReader is not offered: what was uploaded is read as an asset.
func (u *tusUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, tusd.ErrNotImplemented
}

// FinishUpload is called when the last byte is in.
func (u *tusUpload) FinishUpload(ctx context.Context) error {
	return tusError(ctx, u.uploads.Finish(ctx, tusWho(ctx).Tenant, u.upload.ID))
}

// AsTerminatableUpload lets tusd end an upload.
func (s *tusStore) AsTerminatableUpload(upload tusd.Upload) tusd.TerminatableUpload {
	return upload.(*tusUpload)
}

// Terminate ends an upload that is not wanted any more.
func (u *tusUpload) Terminate(ctx context.Context) error {
	return tusError(ctx, u.uploads.Stop(ctx, tusWho(ctx), u.upload.ID))
}

// tusError gives tusd a fault of ours with its status; tusProblems makes it a problem document.
func tusError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if r, ok := ctx.Value(tusKey{}).(*tusRequest); ok {
		r.problems.refused, r.problems.cause = f, err
	}
	if f == nil {
		return err
	}
	return tusFault{f}
}

// tusFault is a fault that tusd can answer.
type tusFault struct{ refusal *fault.Error }

// Error is the text for the log.
func (t tusFault) Error() string { return t.refusal.Error() }

// Unwrap gives the fault.
func (t tusFault) Unwrap() error { return t.refusal }

// As lets tusd find its own error type in a fault.
func (t tusFault) As(target any) bool {
	e, ok := target.(*tusd.Error)
	if ok {
		*e = tusd.NewError(t.refusal.ID, t.refusal.Text, t.refusal.Kind.Status())
	}
	return ok
}

// tusLocker locks uploads for all nodes.
type tusLocker struct{ uploads *event.Uploads }

// NewLock names a lock; Lock takes it.
func (l tusLocker) NewLock(id string) (tusd.Lock, error) {
	return &tusLock{uploads: l.uploads, id: event.UploadID(id)}, nil
}

type tusLock struct {
	uploads *event.Uploads
	id      event.UploadID
	unlock  func()
}

// Lock waits for the lock; when it is lost later, the request is asked to end.
func (l *tusLock) Lock(ctx context.Context, requestUnlock func()) error {
	lost, unlock, err := l.uploads.Lock(ctx, tusWho(ctx).Tenant, l.id)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return tusd.ErrFileLocked
	case err != nil:
		return tusError(ctx, err)
	}
	ended := make(chan struct{})
	l.unlock = func() { close(ended); unlock() }
	go func() {
		select {
		case <-lost:
			requestUnlock()
		case <-ended:
		}
	}()
	return nil
}

// Unlock gives the lock back.
func (l *tusLock) Unlock() error {
	l.unlock()
	return nil
}

// newUploadHook makes event and upload of what the client announces. See CONTRACT: filename, title?, series?, id?, or
// event + flavor; launch names the course that the new event is for, in place of the session's.
func (s *Server) newUploadHook(hook tusd.HookEvent) (tusd.HTTPResponse, tusd.FileInfoChanges, error) {
	meta, who := hook.Upload.MetaData, tusWho(hook.Context)
	for key := range meta {
		switch key {
		case "filename", "title", "series", "id", "event", "flavor", "language", "launch", "filetype", "type", "name", "relativePath":
		default:
			text := fmt.Sprintf("Upload-Metadata has no %q: use filename, title, series, id, event, flavor, language, launch.", key)
			return tusd.HTTPResponse{}, tusd.FileInfoChanges{}, tusd.NewError("error.upload-metadata", text, http.StatusUnprocessableEntity)
		}
	}
	acl, err := s.courseACL(hook.Context, who, meta["launch"])
	if err != nil {
		return tusd.HTTPResponse{}, tusd.FileInfoChanges{}, tusError(hook.Context, err)
	}
	u, err := s.Uploads.Start(hook.Context, who, event.NewUpload{
		ACL:   acl,
		Event: event.ID(meta["event"]), NewID: event.ID(meta["id"]), Title: meta["title"], Series: event.SeriesID(meta["series"]),
		Flavor: meta["flavor"], Filename: meta["filename"], Language: meta["language"], Size: hook.Upload.Size,
	})
	if err != nil {
		return tusd.HTTPResponse{}, tusd.FileInfoChanges{}, tusError(hook.Context, err)
	}
	return tusd.HTTPResponse{Header: tusd.HTTPHeader{"Cutroom-Event": string(u.EventID)}}, tusd.FileInfoChanges{ID: string(u.ID)}, nil
}
