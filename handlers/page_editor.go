package handlers

import (
	"context"
	"net/http"
	"strconv"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/run"
	"cutroom/internal/user"
	"cutroom/views"
)

// editorPage opens a recording for cutting. Who may only watch is sent to the watch page, which says whom to ask.
func (s *Server) editorPage(w http.ResponseWriter, r *http.Request) error {
	ctx, who, id := r.Context(), s.who(r), eventOf(r)
	e, err := s.Events.Find(ctx, who, id, event.ToWrite)
	if fault.KindOf(err) == fault.Forbidden {
		http.Redirect(w, r, "/events/"+string(id)+"/watch?edit=1", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	now, err := s.Edits.Load(ctx, who, id)
	if err != nil {
		return err
	}
	settings, err := s.settings(r)
	if err != nil {
		return err
	}
	page := views.EditorPage{
		Event: views.EditorEvent{ID: string(e.ID), Title: e.Title, Series: s.seriesTitle(r, e), Date: views.LongDay(ctx, dateOf(e)), State: string(e.State)},
		Edit:  views.EditorEdit{Rev: now.Rev, State: now.State}, You: views.EditorYou{User: who.User, Name: who.Name, Admin: who.Admin()},
		Mode: settings.EditMode, RunsPolicy: settings.EditRuns,
	}
	page.Page.Framed = framed(r)
	if row, came := s.launchOf(r); came {
		page.Page.CourseURL = row.ReturnURL
	}
	if e.Error != nil {
		page.Event.Error = *e.Error
	}
	if page.Details, err = s.eventDetails(r, e); err != nil {
		return err
	}
	if e.PublishedRev != nil && e.Duration != nil {
		page.Published = int64(*e.Duration)
	}
	s.editorMedia(r, e, now, &page)
	if page.Editors, err = s.editorPeople(ctx, who, id); err != nil {
		return err
	}
	if page.Run, err = s.editorRun(ctx, who, id); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Editor(page))
}

// editorMedia fills in the tracks with what browsers play, and what was derived from them.
func (s *Server) editorMedia(r *http.Request, e event.Event, now edit.Edit, page *views.EditorPage) {
	who := s.who(r)
	byID := map[string]event.Asset{}
	for _, a := range e.Assets {
		byID[string(a.ID)] = a
	}
	page.Source.Duration = now.Source.Duration
	for _, t := range now.Source.Tracks {
		a := byID[t.Asset]
		track := views.EditorTrack{SourceTrack: t, Label: s.trackLabel(r, a), Language: languageOf(a)}
		playing := playable(e, a)
		track.Playable = playing != nil
		if playing == nil {
			playing = &a
		}
		track.Src, track.Type = s.mediaURL(who, *playing), playing.MimeType
		for _, st := range a.Streams {
			if st.Kind == "video" && track.Width == 0 {
				track.Width, track.Height = st.Width, st.Height
			}
		}
		if t.Text && !hasCues(now.State, t.Asset) {
			track.Cues = edit.Fit(s.fileCues(r, a), now.Source.Duration)
		}
		page.Source.Tracks = append(page.Source.Tracks, track)
	}
	for _, a := range e.Assets {
		track := a.Properties["track"]
		switch {
		case track == "" || !a.Internal:
		case isType(a.Flavor, "waveform"):
			page.Peaks = append(page.Peaks, views.EditorPeaks{Asset: track, URL: s.mediaURL(who, a)})
		case isType(a.Flavor, "timeline-preview"):
			page.Storyboards = append(page.Storyboards, s.storyboard(who, track, a))
		}
	}
}

func (s *Server) storyboard(who user.Who, track string, a event.Asset) views.EditorStoryboard {
	number := func(name string) int {
		n, _ := strconv.Atoi(a.Properties[name])
		return n
	}
	return views.EditorStoryboard{Asset: track, URL: s.mediaURL(who, a), Columns: number("imageCountX"), Rows: number("imageCountY"),
		Width: number("imageSizeX"), Height: number("imageSizeY"), Count: number("count"), Interval: int64(number("interval"))}
}

// playable is what a browser plays of an original: itself, or the preview made of it; nil when it plays neither.
func playable(e event.Event, a event.Asset) *event.Asset {
	if a.Properties["playable"] == "true" {
		return &a
	}
	for i, p := range e.Assets {
		if isType(p.Flavor, "preview") && p.Properties["track"] == string(a.ID) {
			return &e.Assets[i]
		}
	}
	return nil
}

// trackLabel is what people call a track.
func (s *Server) trackLabel(r *http.Request, a event.Asset) string {
	f := s.fileOf(s.who(r), a, false)
	return f.Name(r.Context())
}

func hasCues(st edit.State, track string) bool {
	for _, c := range st.Cues {
		if c.Track == track {
			return true
		}
	}
	return false
}

// fileCues are the lines of a text track's file, as the edit counts them.
func (s *Server) fileCues(r *http.Request, a event.Asset) []edit.Cue {
	lines, err := s.Edits.Lines(r.Context(), s.who(r).Tenant, a.Path)
	if err != nil {
		s.Log.WarnContext(r.Context(), "subtitles cannot be read", "asset", a.ID, "err", err)
		return nil
	}
	return lines
}

// editorRun is the newest run of an event.
func (s *Server) editorRun(ctx context.Context, who user.Who, id event.ID) (*views.EditorRun, error) {
	latest, err := s.Runs.Latest(ctx, who, []event.ID{id})
	one, there := latest[id]
	if err != nil || !there {
		return nil, err
	}
	out := &views.EditorRun{ID: string(one.ID), State: string(one.State), Progress: one.Progress, Rev: one.Rev, RequestedBy: one.RequestedName, Error: one.Error}
	if one.EtaMs != nil && one.State == run.Running {
		out.EtaMs = *one.EtaMs
	}
	return out, nil
}
