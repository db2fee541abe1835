package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"time"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/views"

	"github.com/jackc/pgx/v5"
)

// eventPage shows a recording with its details, files, rights and history.
func (s *Server) eventPage(w http.ResponseWriter, r *http.Request) error {
	page, err := s.event(r, nil)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Event(page))
}

// event fills in the page. outcome, if any, is what came of saving a field without scripts.
func (s *Server) event(r *http.Request, outcome *views.FieldOutcome) (views.EventPage, error) {
	ctx, who := r.Context(), s.who(r)
	e, err := s.Events.Find(ctx, who, eventOf(r), event.ToRead)
	if err != nil {
		return views.EventPage{}, err
	}
	rows, err := s.rows(r, []event.Event{e})
	if err != nil {
		return views.EventPage{}, err
	}
	page := views.EventPage{Page: s.page(r, e.Title, "recordings"), Row: rows[0], Creators: e.Creators, Start: dateOf(e), MayWatch: e.PublishedRev != nil}
	page.Page.Pulse = s.pulseOf(r, "event", string(e.ID), e.MayWrite)
	if e.Series != nil {
		page.SeriesID = string(*e.Series)
	}
	if e.PublishedAt != nil {
		page.PublishAt = *e.PublishedAt
		if e.Duration != nil {
			page.Published = int64(*e.Duration)
		}
	}
	if e.Error != nil {
		page.Error = *e.Error
	}
	for _, f := range e.ImportReport {
		page.Report = append(page.Report, views.ReportLine{Field: f.Field, Message: f.Message})
	}
	if page.Details, err = s.eventDetails(r, e); err != nil {
		return page, err
	}
	if outcome != nil {
		page.Details.Outcome = *outcome
	}
	s.eventFiles(who, e, &page)
	if page.ACL, err = s.eventACL(r, e); err != nil {
		return page, err
	}
	if !e.MayWrite {
		return page, nil
	}
	if page.History, err = s.history(ctx, who, e); err != nil {
		return page, err
	}
	return page, s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		settings, err := tenant.SettingsTx(ctx, tx)
		page.BinDays = settings.BinDays
		return err
	})
}

// eventDetails are the fields of an event.
func (s *Server) eventDetails(r *http.Request, e event.Event) (views.Details, error) {
	d := views.Details{
		Action: "/events/" + string(e.ID) + "/metadata", MayEdit: e.MayWrite, Title: e.Title, Description: e.Description, Creators: e.Creators,
		Start: orZero(e.StartTime), End: orZero(e.EndTime), Download: downloadable(e), Listed: extraFlag(e.ExtraMetadata, "ocx:listed", true),
	}
	if e.Language != nil {
		d.Language = *e.Language
	}
	if e.Series != nil {
		d.SeriesID = string(*e.Series)
	}
	all, err := s.Events.ListSeries(r.Context(), s.who(r), event.Query{Sort: "title", Limit: event.MaxLimit})
	if err != nil {
		return d, err
	}
	d.Series = []views.Option{{Value: "", Text: views.T(r.Context(), "details.noSeries")}}
	there := d.SeriesID == ""
	for _, one := range all.Items {
		d.Series = append(d.Series, views.Option{Value: string(one.ID), Text: one.Title})
		there = there || string(one.ID) == d.SeriesID
	}
	if !there {
		d.Series = append(d.Series, views.Option{Value: d.SeriesID, Text: orText(s.seriesTitle(r, e), d.SeriesID)})
	}
	return d, nil
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// eventFiles lists what readers get, and apart from it the originals.
func (s *Server) eventFiles(who user.Who, e event.Event, page *views.EventPage) {
	for _, a := range sortedTracks(e.Assets) {
		switch {
		case a.Source && e.MayWrite:
			page.Originals = append(page.Originals, s.fileOf(who, a, true))
		case !a.Internal:
			page.Files = append(page.Files, s.fileOf(who, a, e.MayWrite || downloadable(e)))
		}
	}
	if a := thumbnailOf(e); a != nil && !a.Internal {
		page.Files = append(page.Files, s.fileOf(who, *a, e.MayWrite || downloadable(e)))
	}
}

// historyLength is how many changes a history shows at most.
const historyLength = 60

// history tells what happened to a recording, newest first: publishings, changes of the cut, how it came.
func (s *Server) history(ctx context.Context, who user.Who, e event.Event) ([]views.Happening, error) {
	all := []views.Happening{{Kind: "uploaded", Who: s.name(ctx, who, e.CreatedBy), You: e.CreatedBy == who.User, At: e.Created}}
	runs, _, err := s.Runs.List(ctx, who, run.Filter{Event: e.ID, States: []run.State{run.Done, run.Failed}, Limit: historyLength})
	if err != nil {
		return nil, err
	}
	var revs []edit.Rev
	for _, one := range runs {
		revs = append(revs, edit.Rev(one.Rev))
	}
	lengths, err := s.Edits.Lengths(ctx, who, e.ID, revs)
	if err != nil {
		return nil, err
	}
	for _, one := range runs {
		h := views.Happening{Kind: "published", Who: one.RequestedName, You: one.RequestedBy == who.User, At: orZero(one.EndedAt),
			Took: took(one.StartedAt, one.EndedAt), Href: "/runs/" + string(one.ID)}
		if one.State == run.Failed {
			h.Kind = "publishFailed"
		} else {
			h.Length = lengths[edit.Rev(one.Rev)]
		}
		all = append(all, h)
	}
	changes, err := s.changes(ctx, who, e.ID)
	if err != nil {
		return nil, err
	}
	all = append(all, changes...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].At.After(all[j].At) })
	return all[:min(len(all), historyLength)], nil
}

func (s *Server) name(ctx context.Context, who user.Who, name string) string {
	names, err := s.Users.Names(ctx, who, []string{name})
	if err != nil || names[name] == "" {
		return name
	}
	return names[name]
}

var opKinds = map[string]string{"split": "split", "join": "join", "track": "track", "thumbnail": "cover", "chapter": "chapter", "chapter-remove": "chapter",
	"cue": "subtitles", "cue-remove": "subtitles"}

// changes are the newest ops of an edit; many of a kind by one person in a row are one line.
func (s *Server) changes(ctx context.Context, who user.Who, id event.ID) ([]views.Happening, error) {
	now, err := s.Edits.Load(ctx, who, id)
	if err != nil || now.Rev == 0 {
		return nil, err
	}
	page, err := s.Edits.Since(ctx, who, id, max(0, now.Rev-200), 0)
	if err != nil {
		return nil, err
	}
	var all []views.Happening
	for _, one := range page.Ops {
		h := happening(one, who)
		if last := len(all) - 1; last >= 0 && all[last].Kind == h.Kind && all[last].Who == h.Who && h.At.Sub(all[last].At) < 10*time.Minute {
			h.Count = max(all[last].Count, 1) + 1
			h.Length += all[last].Length
			all[last] = h
			continue
		}
		all = append(all, h)
	}
	return all, nil
}

func happening(one edit.Logged, who user.Who) views.Happening {
	var op struct {
		Kind       string
		Start, End int64
		Keep       bool
	}
	_ = json.Unmarshal(one.Op, &op) // it is in the log, so it was read before
	h := views.Happening{Kind: opKinds[op.Kind], Who: one.Author.Name, You: one.Author.User == who.User, At: one.At}
	if op.Kind == "cut" {
		h.Kind, h.Length = "cut", op.End-op.Start
		if op.Keep {
			h.Kind = "putBack"
		}
	}
	return h
}
