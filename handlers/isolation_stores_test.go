package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/run"
	"cutroom/internal/storage"
	"cutroom/internal/user"
)

// attempt calls one method of a store for somebody of one house with what the other has. id is the id of things, the other
// house's own or "shared". It gives all that came back.
type attempt func(c *raid) (any, error)

// raid is who tries, and at what.
type raid struct {
	*world
	ctx      context.Context
	who      user.Who // of the house "me"
	me, them *house
	id       string
}

// storeCase is how a method is tried. A method without a case fails the test.
type storeCase struct {
	try     attempt
	refuses bool   // what the other house's own id is answered by: an error
	whole   string // why the method is for no tenant: it is not tried
}

func refused(try attempt) storeCase   { return storeCase{try: try, refuses: true} }
func nothingOf(try attempt) storeCase { return storeCase{try: try} }
func whole(why string) storeCase      { return storeCase{whole: why} }

func one[V any](v V, err error) (any, error)             { return v, err }
func page[V, W any](v V, next W, err error) (any, error) { return []any{v, next}, err }
func done(err error) (any, error)                        { return nil, err }
func (c *raid) event() event.ID                          { return event.ID(c.id) }
func (c *raid) series() event.SeriesID                   { return event.SeriesID(c.id) }
func (c *raid) run(state string) run.ID                  { return run.ID(state + "-" + c.id) }
func (c *raid) upload(kind string) event.UploadID        { return event.UploadID(kind + "-" + c.id) }
func (c *raid) read(fn func(pgx.Tx) (any, error)) (any, error) {
	var got any
	err := c.DB.Tx(c.ctx, c.me.id, func(tx pgx.Tx) (err error) { got, err = fn(tx); return err })
	return got, err
}

// storeCases are all methods of the stores, as package.Type.Method.
func storeCases() map[string]storeCase {
	all := map[string]storeCase{}
	for _, some := range []map[string]storeCase{eventCases, uploadCases, editCases, runCases, userCases, presenceCases, fileCases, tenantCases, moreCases, courseCases, providerCases, platformCases, pickCases, launchCases, windowCases} {
		for name, c := range some {
			all[name] = c
		}
	}
	return all
}

var eventCases = map[string]storeCase{
	"event.Store.Find": refused(func(c *raid) (any, error) { return one(c.Events.Find(c.ctx, c.who, c.event(), event.ToRead)) }),
	"event.Store.Create": refused(func(c *raid) (any, error) {
		s := c.series()
		return one(c.Events.Create(c.ctx, c.who, event.Draft{Title: "x", Series: &s}))
	}),
	"event.Store.Patch": refused(func(c *raid) (any, error) {
		return one(c.Events.Patch(c.ctx, c.who, c.event(), event.Patch{Title: event.To("x")}, ""))
	}),
	"event.Store.PutACL": refused(func(c *raid) (any, error) {
		return one(c.Events.PutACL(c.ctx, c.who, c.event(), []event.ACLEntry{{Role: "ROLE_USER", Action: "write"}}, true))
	}),
	"event.Store.Delete":         refused(func(c *raid) (any, error) { return done(c.Events.Delete(c.ctx, c.who, c.event())) }),
	"event.Store.RestoreFromBin": refused(func(c *raid) (any, error) { return one(c.Events.RestoreFromBin(c.ctx, c.who, "bin-"+c.event())) }),
	"event.Store.Purge":          refused(func(c *raid) (any, error) { return done(c.Events.Purge(c.ctx, c.who, c.event())) }),
	"event.Store.Duplicate":      refused(func(c *raid) (any, error) { return one(c.Events.Duplicate(c.ctx, c.who, c.event())) }),
	"event.Store.List": nothingOf(func(c *raid) (any, error) {
		return one(c.Events.List(c.ctx, c.who, event.Query{Series: c.series(), Bin: c.id == "shared"}))
	}),
	"event.Store.Counts": nothingOf(func(c *raid) (any, error) { return one(c.Events.Counts(c.ctx, c.who, event.Query{Series: c.series()})) }),
	"event.Store.WorkCounts": nothingOf(func(c *raid) (any, error) {
		return one(c.Events.WorkCounts(c.ctx, c.who, event.Query{Series: c.series()}))
	}),
	"event.Store.ChangedBy": nothingOf(func(c *raid) (any, error) { return one(c.Events.ChangedBy(c.ctx, c.who, c.event())) }),
	"event.Store.CreateSeries": nothingOf(func(c *raid) (any, error) {
		return one(c.Events.CreateSeries(c.ctx, c.who, event.SeriesDraft{ID: "made-" + c.series(), Title: "x"}))
	}),
	"event.Store.FindSeries": refused(func(c *raid) (any, error) {
		return one(c.Events.FindSeries(c.ctx, c.who, "x"+c.series(), event.ToRead))
	}),
	"event.Store.ListSeries": nothingOf(func(c *raid) (any, error) { return one(c.Events.ListSeries(c.ctx, c.who, event.Query{Q: "series"})) }),
	"event.Store.PatchSeries": refused(func(c *raid) (any, error) {
		return one(c.Events.PatchSeries(c.ctx, c.who, c.series(), event.SeriesPatch{Title: event.To("x")}, ""))
	}),
	"event.Store.DeleteSeries": refused(func(c *raid) (any, error) { return done(c.Events.DeleteSeries(c.ctx, c.who, c.series())) }),
	"event.Store.Contents":     nothingOf(func(c *raid) (any, error) { return one(c.Events.Contents(c.ctx, c.who, []event.SeriesID{c.series()})) }),
	"event.Store.EmptyBin":     nothingOf(func(c *raid) (any, error) { return one(c.Events.EmptyBin(c.ctx, c.me.id)) }),
	"event.Store.RebuildWords": nothingOf(func(c *raid) (any, error) { return one(c.Events.RebuildWords(c.ctx, c.me.id)) }),
}

var uploadCases = map[string]storeCase{
	"event.Uploads.Start": refused(func(c *raid) (any, error) {
		return one(c.Uploads.Start(c.ctx, c.who, event.NewUpload{Event: c.event(), Filename: "x.mp4", Size: 9}))
	}),
	"event.Uploads.Find":     refused(func(c *raid) (any, error) { return one(c.Uploads.Find(c.ctx, c.who, c.upload("up"))) }),
	"event.Uploads.Of":       nothingOf(func(c *raid) (any, error) { return one(c.Uploads.Of(c.ctx, c.who, c.event())) }),
	"event.Uploads.Open":     nothingOf(func(c *raid) (any, error) { return one(c.Uploads.Open(c.ctx, c.who, "")) }),
	"event.Uploads.Progress": nothingOf(func(c *raid) (any, error) { return one(c.Uploads.Progress(c.ctx, c.who, []event.ID{c.event()})) }),
	"event.Uploads.Finish":   nothingOf(func(c *raid) (any, error) { return done(c.Uploads.Finish(c.ctx, c.me.id, c.upload("up"))) }),
	"event.Uploads.Stop":     refused(func(c *raid) (any, error) { return done(c.Uploads.Stop(c.ctx, c.who, c.upload("up"))) }),
	"event.Uploads.Ingest": nothingOf(func(c *raid) (any, error) {
		return done(c.Uploads.Ingest(c.ctx, event.IngestArgs{Tenant: c.me.id, Upload: c.upload("in")}))
	}),
	"event.Uploads.ReapIngests": nothingOf(func(c *raid) (any, error) { return one(c.Uploads.ReapIngests(c.ctx, c.me.id)) }),
	"event.Uploads.Sweep":       nothingOf(func(c *raid) (any, error) { return done(c.Uploads.Sweep(c.ctx, c.Events, c.me.id)) }),
	"event.Uploads.Lock": refused(func(c *raid) (any, error) {
		ctx, cancel := context.WithTimeout(c.ctx, 200*time.Millisecond)
		defer cancel()
		_, unlock, err := c.Uploads.Lock(ctx, c.me.id, c.upload("up"))
		if err == nil {
			unlock()
		}
		return nil, err
	}),
	"event.Uploads.Receive": nothingOf(func(c *raid) (any, error) {
		return one(c.Uploads.Receive(c.ctx, c.me.id, event.Upload{ID: c.upload("up"), EventID: c.event(), Size: 100, Received: 5}, 5, strings.NewReader("x")))
	}),
	"event.Uploads.Stage": nothingOf(func(c *raid) (any, error) { return one(c.Uploads.Stage(c.ctx, c.me.id, strings.NewReader("x"))) }),
	"event.Uploads.Drop": nothingOf(func(c *raid) (any, error) {
		c.Uploads.Drop(c.ctx, c.me.id, event.Staged{ID: c.upload("up")})
		return nil, nil
	}),
	"event.Uploads.Admit": refused(func(c *raid) (any, error) {
		return one(c.Uploads.Admit(c.ctx, c.who, event.NewUpload{Event: c.event(), Filename: "x.mp4"}, event.Staged{ID: c.upload("in"), Size: 5}))
	}),
	"event.Uploads.Take": refused(func(c *raid) (any, error) {
		return one(c.Uploads.Take(c.ctx, c.who, event.NewUpload{Event: c.event(), Filename: "x.mp4", Size: 1}, strings.NewReader("x")))
	}),
}

var editCases = map[string]storeCase{
	"edit.Store.Load":  refused(func(c *raid) (any, error) { return one(c.Edits.Load(c.ctx, c.who, c.event())) }),
	"edit.Store.Since": refused(func(c *raid) (any, error) { return one(c.Edits.Since(c.ctx, c.who, c.event(), 0, 10)) }),
	"edit.Store.At":    refused(func(c *raid) (any, error) { return one(c.Edits.At(c.ctx, c.who, c.event(), 1)) }),
	"edit.Store.AtTx": refused(func(c *raid) (any, error) {
		return c.read(func(tx pgx.Tx) (any, error) { return page(c.Edits.AtTx(c.ctx, tx, c.me.id, c.event(), 1)) })
	}),
	"edit.Store.Submit": refused(func(c *raid) (any, error) {
		return one(c.Edits.Submit(c.ctx, c.who, "x", c.event(), []edit.Sent{{ID: "new", Op: []byte(`{"kind":"split","at":1500}`)}}))
	}),
	"edit.Store.Restore": refused(func(c *raid) (any, error) { return one(c.Edits.Restore(c.ctx, c.who, "x", c.event(), 1)) }),
	"edit.Store.Revs":    nothingOf(func(c *raid) (any, error) { return one(c.Edits.Revs(c.ctx, c.who, []event.ID{c.event()})) }),
	"edit.Store.Lengths": nothingOf(func(c *raid) (any, error) { return one(c.Edits.Lengths(c.ctx, c.who, c.event(), []edit.Rev{1})) }),
}

var runCases = map[string]storeCase{
	"run.Store.Submit":         refused(func(c *raid) (any, error) { return one(c.Runs.Submit(c.ctx, c.who, c.event(), "publish", nil)) }),
	"run.Store.Find":           refused(func(c *raid) (any, error) { return one(c.Runs.Find(c.ctx, c.who, c.run("done"))) }),
	"run.Store.List":           nothingOf(func(c *raid) (any, error) { return page(c.Runs.List(c.ctx, c.who, run.Filter{Event: c.event()})) }),
	"run.Store.Latest":         nothingOf(func(c *raid) (any, error) { return one(c.Runs.Latest(c.ctx, c.who, []event.ID{c.event()})) }),
	"run.Store.Open":           nothingOf(func(c *raid) (any, error) { return one(c.Runs.Open(c.ctx, c.who, c.event())) }),
	"run.Store.Log":            nothingOf(func(c *raid) (any, error) { return one(c.Runs.Log(c.ctx, c.who, c.run("done"), 0)) }),
	"run.Store.Counts":         nothingOf(func(c *raid) (any, error) { return one(c.Runs.Counts(c.ctx, c.who)) }),
	"run.Store.Total":          nothingOf(func(c *raid) (any, error) { return one(c.Runs.Total(c.ctx, c.me.id)) }),
	"run.Store.Cancel":         refused(func(c *raid) (any, error) { return one(c.Runs.Cancel(c.ctx, c.who, c.run("queued"))) }),
	"run.Store.CancelAll":      nothingOf(func(c *raid) (any, error) { return one(c.Runs.CancelAll(c.ctx, c.who, run.Filter{Event: c.event()})) }),
	"run.Store.Retry":          refused(func(c *raid) (any, error) { return one(c.Runs.Retry(c.ctx, c.who, c.run("failed"))) }),
	"run.Store.RetryAll":       nothingOf(func(c *raid) (any, error) { return one(c.Runs.RetryAll(c.ctx, c.who, run.Filter{Event: c.event()})) }),
	"run.Store.Pause":          nothingOf(func(c *raid) (any, error) { return done(c.Runs.Pause(c.ctx, c.who, true)) }),
	"run.Store.Reap":           nothingOf(func(c *raid) (any, error) { return one(c.Runs.Reap(c.ctx, c.me.id)) }),
	"run.Store.PromoteWaiting": nothingOf(func(c *raid) (any, error) { return done(c.Runs.PromoteWaiting(c.ctx, c.me.id)) }),
	"run.Store.Working":        whole("names the tenants whose runs are worked on, for operators' list of nodes"),
	"run.Store.Claim": refused(func(c *raid) (any, error) {
		held, err := c.Runs.Claim(c.ctx, run.PublishArgs{Tenant: c.me.id, Event: c.event(), Run: c.run("queued")}, 1, "n1")
		if err != nil {
			return nil, err
		}
		return held.Run, nil
	}),
}

var userCases = map[string]storeCase{
	"user.Store.Create": nothingOf(func(c *raid) (any, error) {
		return one(c.Users.Create(c.ctx, c.who, user.NewPerson{Name: "new-" + c.id}))
	}),
	"user.Store.Ensure": nothingOf(func(c *raid) (any, error) {
		return one(c.Users.Ensure(c.ctx, c.who, user.NewPerson{Name: "more-" + c.id}))
	}),
	"user.Store.Find": refused(func(c *raid) (any, error) { return one(c.Users.Find(c.ctx, c.who, c.id)) }),
	"user.Store.List": nothingOf(func(c *raid) (any, error) { return one(c.Users.List(c.ctx, c.who)) }),
	"user.Store.Holders": nothingOf(func(c *raid) (any, error) {
		return one(c.Users.Holders(c.ctx, c.who, []string{"ROLE_USER_ADA", user.OwnRole(c.id)}, 100))
	}),
	"user.Store.Search": nothingOf(func(c *raid) (any, error) { return one(c.Users.Search(c.ctx, c.who, "", 100)) }),
	"user.Store.Names":  nothingOf(func(c *raid) (any, error) { return one(c.Users.Names(c.ctx, c.who, []string{"ada", c.id})) }),
	"user.Store.RoleNames": nothingOf(func(c *raid) (any, error) {
		return one(c.Users.RoleNames(c.ctx, c.who, []string{"ROLE_USER_ADA", user.OwnRole(c.id)}))
	}),
	"user.Store.SetRole":       refused(func(c *raid) (any, error) { return done(c.Users.SetRole(c.ctx, c.who, c.id, "editor")) }),
	"user.Store.SetExtraRoles": refused(func(c *raid) (any, error) { return done(c.Users.SetExtraRoles(c.ctx, c.who, c.id, []string{"ROLE_X"})) }),
	"user.Store.Disable":       refused(func(c *raid) (any, error) { return done(c.Users.Disable(c.ctx, c.who, c.id)) }),
	"user.Store.Enable":        refused(func(c *raid) (any, error) { return done(c.Users.Enable(c.ctx, c.who, c.id)) }),
	"user.Store.SetPassword":   refused(func(c *raid) (any, error) { return done(c.Users.SetPassword(c.ctx, c.who, c.id, "another good horse")) }),
	"user.Store.WhoByName":     refused(func(c *raid) (any, error) { return one(c.Users.WhoByName(c.ctx, c.me.id, c.id)) }),
	"user.Store.WhoByToken":    refused(func(c *raid) (any, error) { return one(c.Users.WhoByToken(c.ctx, c.me.id, c.them.token)) }),
	"user.Store.WhoByLink":     refused(func(c *raid) (any, error) { return one(c.Users.WhoByLink(c.ctx, c.me.id, c.them.link)) }),
	"user.Store.WhoBySession":  refused(func(c *raid) (any, error) { return one(c.Users.WhoBySession(c.ctx, c.me.id, c.them.secret)) }),
	"user.Store.Again": refused(func(c *raid) (any, error) {
		who := c.who
		who.Session = c.them.session
		return one(c.Users.Again(c.ctx, who))
	}),
	"user.Store.CreateToken":   refused(func(c *raid) (any, error) { return page(c.Users.CreateToken(c.ctx, c.who, c.id, nil, 0)) }),
	"user.Store.ListTokens":    nothingOf(func(c *raid) (any, error) { return one(c.Users.ListTokens(c.ctx, c.who, c.id)) }),
	"user.Store.RevokeToken":   refused(func(c *raid) (any, error) { return done(c.Users.RevokeToken(c.ctx, c.who, c.them.tokenID)) }),
	"user.Store.ListSessions":  nothingOf(func(c *raid) (any, error) { return one(c.Users.ListSessions(c.ctx, c.who, c.id)) }),
	"user.Store.RevokeSession": refused(func(c *raid) (any, error) { return done(c.Users.RevokeSession(c.ctx, c.who, c.them.session)) }),
	"user.Store.CreateLink":    refused(func(c *raid) (any, error) { return page(c.Users.CreateLink(c.ctx, c.who, c.id)) }),
	"user.Store.Audit":         nothingOf(func(c *raid) (any, error) { return page(c.Users.Audit(c.ctx, c.who, user.AuditFilter{}, "", 1000)) }),
	"user.Store.Sweep":         nothingOf(func(c *raid) (any, error) { return done(c.Users.Sweep(c.ctx, c.me.id)) }),
	"user.Store.Sessions":      whole("makes the sessions of all; see user.Sessions"),
	"user.Store.CheckPassword": refused(func(c *raid) (any, error) {
		return one(c.Users.CheckPassword(c.ctx, c.me.id, c.id, password, netip.MustParseAddr("192.0.2.7")))
	}),
	"user.Sessions.Who": refused(func(c *raid) (any, error) { return one(c.Users.Sessions().Who(c.ctx, c.me.id, c.them.secret)) }),
	"user.Sessions.End": nothingOf(func(c *raid) (any, error) { return done(c.Users.Sessions().End(c.ctx, c.me.id, c.them.secret)) }),
	"user.Sessions.SignOut": nothingOf(func(c *raid) (any, error) {
		return done(c.Users.Sessions().SignOut(c.ctx, c.me.id, c.them.secret))
	}),
	"user.Store.RevokeSessions": nothingOf(func(c *raid) (any, error) { return one(c.Users.RevokeSessions(c.ctx, c.who, c.id, true)) }),
	"user.Sessions.Begin": nothingOf(func(c *raid) (any, error) { // with the other house's session as the one that the browser had
		who := c.me.ada()
		secret, now, err := c.Users.Sessions().Begin(c.ctx, who, user.Begin{Old: c.them.secret, How: "test"})
		if err == nil && now.Tenant != c.me.id {
			err = errors.New("signed in to " + string(now.Tenant))
		}
		return secret, err
	}),
}

var presenceCases = map[string]storeCase{
	"presence.Registry.Editors":   nothingOf(func(c *raid) (any, error) { return one(c.Presence.Editors(c.ctx, c.me.id, c.id)) }),
	"presence.Registry.EditorsOf": nothingOf(func(c *raid) (any, error) { return one(c.Presence.EditorsOf(c.ctx, c.me.id, []string{c.id})) }),
	"presence.Registry.Join": nothingOf(func(c *raid) (any, error) {
		seat := c.Presence.Join(c.who, c.id, "seat-"+string(c.me.id)+c.id)
		defer seat.Leave()
		next, err := c.Presence.Editors(c.ctx, c.them.id, c.id)
		if c.me.leaks(learned(next, err), c.id) {
			return nil, errors.New("sits next door")
		}
		return one(c.Presence.Editors(c.ctx, c.me.id, c.id))
	}),
	"presence.Registry.Watch": nothingOf(func(c *raid) (any, error) { _, stop := c.Presence.Watch(c.me.id, c.id); stop(); return nil, nil }),
	"presence.Registry.Start": whole("starts the node's part"),
	"presence.Registry.Stop":  whole("stops the node's part"),
}

// paths by which one could try to reach a file of the other house's folder.
func (c *raid) paths() []string {
	p := "events/" + c.them.own() + "/pub-.mp4"
	return []string{p, "../" + string(c.them.id) + "/" + p, "/" + string(c.them.id) + "/" + p, "events/../../" + string(c.them.id) + "/" + p, "link/" + p, "uploads/up-" + c.them.own()}
}

func (c *raid) eachPath(try func(path string) (any, error)) (any, error) {
	var all []any
	var errs error
	for _, path := range c.paths() {
		got, err := try(path)
		all, errs = append(all, got), errors.Join(errs, err)
	}
	return all, errs
}

// eachName calls a function of a tenant's whole folder with names that could be read as the other house's; all have to be refused.
func (c *raid) eachName(try func(ctx context.Context, tenant string) error) (any, error) {
	for _, name := range []string{"../" + string(c.them.id), string(c.me.id) + "/../" + string(c.them.id), string(c.them.id) + "/", "./" + string(c.them.id), "", ".", ".tmp", strings.ToUpper(string(c.them.id))} {
		if try(c.ctx, name) == nil {
			return name, nil
		}
	}
	return nil, fault.Gone()
}

var fileCases = map[string]storeCase{
	"storage.Local.Open": refused(func(c *raid) (any, error) {
		return c.eachPath(func(path string) (any, error) {
			f, err := c.Files.Open(c.ctx, string(c.me.id), path)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			return one(io.ReadAll(f))
		})
	}),
	"storage.Local.Local": refused(func(c *raid) (any, error) {
		return c.eachPath(func(path string) (any, error) {
			_, release, err := c.Files.Local(c.ctx, string(c.me.id), path)
			if err == nil {
				release()
			}
			return nil, err
		})
	}),
	"storage.Local.Put": nothingOf(func(c *raid) (any, error) {
		return c.eachPath(func(path string) (any, error) {
			return page(c.Files.Put(c.ctx, string(c.me.id), path, strings.NewReader("x")))
		})
	}),
	"storage.Local.WriteAt": nothingOf(func(c *raid) (any, error) {
		return c.eachPath(func(path string) (any, error) {
			return one(c.Files.WriteAt(c.ctx, string(c.me.id), path, 0, strings.NewReader("x")))
		})
	}),
	"storage.Local.Adopt": refused(func(c *raid) (any, error) {
		return c.eachPath(func(path string) (any, error) {
			return page(c.Files.Adopt(c.ctx, string(c.me.id), path, "/nothing/there"))
		})
	}),
	"storage.Local.Remove": nothingOf(func(c *raid) (any, error) {
		return c.eachPath(func(path string) (any, error) { return done(c.Files.Remove(c.ctx, string(c.me.id), path)) })
	}),
	"storage.Local.Walk": nothingOf(func(c *raid) (any, error) {
		var all []string
		err := c.Files.Walk(c.ctx, string(c.me.id), everyFile(func(path string) error { all = append(all, path); return nil }))
		return all, err
	}),
	"storage.Local.Temp": nothingOf(func(c *raid) (any, error) {
		dir, remove, err := c.Files.Temp(c.ctx, string(c.me.id), "../../"+string(c.them.id)+"/x")
		if err == nil {
			remove()
		}
		return strings.Contains(dir, "/"+string(c.them.id)+"/"), err
	}),
	"storage.Local.RemoveTenant":  refused(func(c *raid) (any, error) { return c.eachName(c.Files.RemoveTenant) }),
	"storage.Local.MakeTenant":    refused(func(c *raid) (any, error) { return c.eachName(c.Files.MakeTenant) }),
	"storage.Local.RetireTenant":  refused(func(c *raid) (any, error) { return c.eachName(c.Files.RetireTenant) }),
	"storage.Local.RemoveRetired": refused(func(c *raid) (any, error) { return c.eachName(c.Files.RemoveRetired) }),
	"storage.Local.SweepTemp":     whole("removes what dead nodes left under way, of all"),
	"storage.Local.Close":         whole("lets the folder go"),
}

// tenantCases: the walls themselves are tried in internal/tenant.
var tenantCases = map[string]storeCase{
	"tenant.DB.Tx": refused(func(c *raid) (any, error) {
		return c.read(func(tx pgx.Tx) (any, error) {
			rows, err := tx.Query(c.ctx, "select title from t_"+string(c.them.id)+".event")
			if err != nil {
				return nil, err
			}
			return one(pgx.CollectRows(rows, pgx.RowTo[string]))
		})
	}),
	"tenant.DB.Read": refused(func(c *raid) (any, error) {
		return nil, c.DB.Read(c.ctx, c.me.id, func(tx pgx.Tx) error {
			var n int
			return tx.QueryRow(c.ctx, "select count(*) from t_"+string(c.them.id)+".event").Scan(&n)
		})
	}),
	"tenant.DB.System":         whole("is above the tenants; callers name theirs in each statement, which the routes prove"),
	"tenant.DB.List":           whole("gives all tenants, to operators and to find one by host"),
	"tenant.DB.Find":           whole("finds any tenant, for operators"),
	"tenant.DB.Create":         whole("makes a tenant"),
	"tenant.DB.Change":         whole("changes the tenant that an operator named; a host that is taken is refused, see its own tests"),
	"tenant.DB.StartDelete":    whole("begins to delete the tenant that an operator named"),
	"tenant.DB.ReofferDeletes": whole("goes on with deleting tenants"),
	"tenant.DB.Deleting":       whole("tells which tenants are being deleted, to operators"),
	"tenant.DB.Busy":           whole("tells which tenants have something to do, to the node's own loops"),
	"tenant.DB.MigrateAll":     whole("brings all tenants up to date"),
	"tenant.DB.MigrateTenant":  whole("brings a tenant up to date, for installs"),
	"tenant.DB.Serves":         whole("says whether this node can serve the database"),
	"tenant.DB.Delete":         whole("removes a tenant that an operator named; what it leaves alone is proved in internal/tenant"),
	"tenant.DB.Migrate":        whole("brings all tenants up to date"),
	"node.Store.List":          whole("nodes serve all; who may see them is the routes' to say"),
	"node.Store.Drain":         whole("nodes serve all; who may drain one is the routes' to say"),
	"node.Store.Start":         whole("starts the node's heart"),
}

// stores are all that a server has, by the package and type that the cases name.
func stores(s *Server) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	add := func(t reflect.Type) {
		if t.Kind() == reflect.Pointer && strings.HasPrefix(t.Elem().PkgPath(), "cutroom/internal/") {
			found[t.Elem().String()] = t
		}
	}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if !v.Type().Field(i).IsExported() {
			continue
		}
		for f.Kind() == reflect.Interface && !f.IsNil() {
			f = f.Elem()
		}
		add(f.Type())
	}
	add(reflect.TypeFor[*user.Sessions]())
	add(reflect.TypeFor[*storage.Local]())
	delete(found, "live.Bus") // knows topics alone: see the test of notices
	return found
}

// Every exported method of every store, called for one house with what the other has: it gives nothing of it and changes
// nothing there, be the id the other's own or one that both have.
func TestIsolationOfEveryStoreMethod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := storeCases()
	var names []string
	for name, typ := range stores(w.Server) {
		for i := range typ.NumMethod() {
			names = append(names, name+"."+typ.Method(i).Name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(ends(a)+a, ends(b)+b) })
	for _, me := range []*house{w.alpha, w.beta} {
		them := w.other(me)
		w.linkInto(t, me, them)
		was := w.state(t, them)
		for _, name := range names {
			c, known := cases[name]
			if !known {
				t.Errorf("the method %s has no case: add one to isolation_stores_test.go", name)
				continue
			}
			if c.try == nil {
				if c.whole == "" {
					t.Errorf("%s is neither tried nor excused", name)
				}
				continue
			}
			for _, who := range []user.Who{me.ada(), {Tenant: me.id, User: them.own(), Name: "x", Role: "editor", Roles: []string{user.OwnRole(them.own()), user.RoleUser, user.RoleAnonymous}}, user.Anonymous(me.id), user.System(me.id)} {
				for _, id := range []string{them.own(), "shared"} {
					r := &raid{world: w, ctx: t.Context(), who: who, me: me, them: them, id: id}
					got, err := c.try(r)
					what := fmt.Sprintf("%s of %s with %s of %s as %s", name, me.id, id, them.id, who.User)
					if c.refuses && id != "shared" && err == nil {
						t.Errorf("%s was not refused: %+v", what, got)
					}
					if err != nil && fault.KindOf(err) == fault.Internal && !known500(name, err) {
						t.Errorf("%s broke: %v", what, err)
					}
					if text := learned(got, err); them.leaks(text, them.own()) { // the asker made things of that id
						t.Errorf("%s told %.800s", what, text)
					}
				}
			}
			w.unchanged(t, them, was, name)
			if t.Failed() {
				was = w.state(t, them)
			}
		}
	}
	for name := range cases {
		if !slices.Contains(names, name) {
			t.Errorf("there is no method %s", name)
		}
	}
}

// ends puts last what takes things away for good.
func ends(name string) string {
	for _, word := range []string{"Delete", "Purge", "Sweep", "EmptyBin", "Stop", "Disable", "Remove", "End"} {
		if strings.Contains(name, word) {
			return "~"
		}
	}
	return ""
}

// known500 are refusals that are no fault: errors of storage and Postgres about what cannot be meant well.
func known500(name string, err error) bool {
	return name == "event.Uploads.Finish" || strings.HasSuffix(name, ".Claim") || strings.HasPrefix(name, "storage.Local.") || strings.HasPrefix(name, "tenant.DB.") || errors.Is(err, context.DeadlineExceeded)
}

// learned is all that a caller learns.
func learned(got any, err error) string {
	raw, _ := json.Marshal(got)
	text := fmt.Sprintf("%+v %s %v", got, raw, err)
	if list, ok := got.([]any); ok {
		for _, one := range list {
			if b, ok := one.([]byte); ok {
				text += string(b)
			}
		}
	}
	return text
}
