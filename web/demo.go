package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/web/demo"
)

// The demo's tenant, its people and its lecture.
const (
	demoTenant  tenant.ID = "demo"
	demoLecture event.ID  = "demo-lecture"
)

var demoSystem = user.System(demoTenant)

var demoPeople = []user.NewPerson{
	{Name: "ada", DisplayName: "Ada Adler", Role: "admin"},
	{Name: "ben", DisplayName: "Ben Brandt", Role: "editor"},
	{Name: "chloe", DisplayName: "Chloe Claes", Role: "editor"},
	{Name: "vera", DisplayName: "Vera Voss", Role: "viewer"},
}

// demoOperator is above the demo's tenants.
var demoOperator = user.NewPerson{Name: "olga", DisplayName: "Olga Olsen", Role: user.OperatorRole}

// makeDemo makes what is missing of the tenant, its people and the operator, and the lecture's event without its files, so that it is
// there from the first moment.
func makeDemo(ctx context.Context, a *app) error {
	err := a.db.Create(ctx, demoTenant, "Demo University", "", nil)
	if err == nil {
		err = a.installs.EnableBuiltins(ctx, demoTenant)
	}
	if err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	for _, p := range demoPeople {
		if _, err := a.users.Ensure(ctx, demoSystem, p); err != nil {
			return fmt.Errorf("person %s: %w", p.Name, err)
		}
	}
	if _, err := a.users.Ensure(ctx, user.System(tenant.Operators), demoOperator); err != nil {
		return fmt.Errorf("operator %s: %w", demoOperator.Name, err)
	}
	ben, err := a.users.WhoByName(ctx, demoTenant, "ben")
	if err != nil {
		return err
	}
	english := "en"
	_, err = a.events.Create(ctx, ben, event.Draft{
		ID: demoLecture, Title: demo.Title, Creators: []string{"Ben Brandt"}, Language: &english,
		Description: "Lecture 4 of “Geography for everybody”. It begins with a warm-up that nobody needs, and somebody forgot to switch the microphone off: something to cut out.",
		ACL: []event.ACLEntry{
			{Role: user.OwnRole("ben"), Action: "read"}, {Role: user.OwnRole("ben"), Action: "write"},
			{Role: user.OwnRole("chloe"), Action: "read"}, {Role: user.OwnRole("chloe"), Action: "write"},
			{Role: user.OwnRole("vera"), Action: "read"},
		},
	})
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// makeLecture renders the lecture's files, brings them in and publishes it uncut. What is there already is left as it is, so
// it may be stopped anywhere and called again; a lecture that somebody deleted stays deleted.
func makeLecture(ctx context.Context, a *app) error {
	ben, err := a.users.WhoByName(ctx, demoTenant, "ben")
	if err != nil {
		return err
	}
	e, err := a.events.Find(ctx, ben, demoLecture, event.ToWrite)
	if fault.KindOf(err) == fault.NotFound || err == nil && e.PublishedRev != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if err := bringLecture(ctx, a, ben, e); err != nil {
		return err
	}
	if err := waitReady(ctx, a, ben); err != nil {
		return err
	}
	_, err = a.runs.Submit(ctx, ben, demoLecture, "publish", nil)
	if fault.KindOf(err) == fault.Conflict {
		return nil // somebody was faster
	}
	return err
}

// bringLecture brings in the files that the event does not have yet, nor on their way.
func bringLecture(ctx context.Context, a *app, ben user.Who, e event.Event) error {
	has := map[string]bool{}
	for _, asset := range e.Assets {
		has[asset.Flavor] = true
	}
	coming, err := a.uploads.Of(ctx, ben, demoLecture)
	if err != nil {
		return err
	}
	for _, upload := range coming {
		has[upload.Flavor] = has[upload.Flavor] || upload.FinishedAt != nil && upload.Error == nil
	}
	if has["presentation/source"] && has["presenter/source"] && has["captions/source"] {
		return nil
	}
	dir := filepath.Join(a.config.Data, "lecture")
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	begun := time.Now()
	lecture, err := demo.Render(ctx, dir)
	if err != nil {
		return err
	}
	slog.Info("sample lecture rendered", "took", time.Since(begun).Round(time.Millisecond))
	for _, file := range []struct{ flavor, path, language string }{
		{"captions/source", lecture.Captions, "en"}, {"presenter/source", lecture.Camera, ""}, {"presentation/source", lecture.Slides, ""},
	} {
		if has[file.flavor] {
			continue
		}
		if err := bringFile(ctx, a, ben, file.flavor, file.path, file.language); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file.path), err)
		}
	}
	return nil
}

func bringFile(ctx context.Context, a *app, ben user.Who, flavor, path, language string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = a.uploads.Take(ctx, ben, event.NewUpload{Event: demoLecture, Flavor: flavor, Filename: filepath.Base(path), Language: language}, file)
	return err
}

// waitReady returns when the lecture's files are taken in. The event says so itself: a short look each half second is
// cheaper than a subscription that has to be caught up.
func waitReady(ctx context.Context, a *app, ben user.Who) error {
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	for {
		e, err := a.events.Find(ctx, ben, demoLecture, event.ToWrite)
		switch {
		case err != nil:
			return err
		case e.State == event.Ready:
			return nil
		case e.State == event.Failed:
			return fmt.Errorf("the lecture was refused: %s", *e.Error)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}
