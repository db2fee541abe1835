package handlers

import (
	"time"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/run"
	"cutroom/views"
)

// recording is what pages show of an event besides its metadata: the cut, the newest run, who is there.
type recording struct {
	event   event.Event
	series  string        // title of its series
	edit    *edit.Summary // nil: nobody has opened it for editing
	run     *run.Run      // the newest; nil: none
	ingest  float64       // progress of files that come in
	faces   []views.Face
	mayEdit bool
}

// row is a recording as lists show it.
func (s *Server) row(rec recording, picture string) views.RecordingRow {
	e := rec.event
	row := views.RecordingRow{
		ID: string(e.ID), Title: e.Title, Series: rec.series, Date: dateOf(e), Picture: picture, Strip: stripOf(rec), Faces: rec.faces, MayEdit: rec.mayEdit,
	}
	row.State, row.Progress = rowState(rec)
	if e.PublishedAt != nil {
		row.At = *e.PublishedAt
	}
	if rec.run != nil {
		row.Run = string(rec.run.ID)
	}
	return row
}

func dateOf(e event.Event) time.Time {
	if e.StartTime != nil {
		return *e.StartTime
	}
	return e.Created
}

// stripOf is the cut over the length of the source; for who may not edit, the whole of what is published.
func stripOf(rec recording) views.Strip {
	if rec.edit == nil || !rec.mayEdit {
		if rec.event.Duration == nil {
			return views.Strip{}
		}
		return views.Strip{Duration: int64(*rec.event.Duration)}
	}
	strip := views.Strip{Duration: rec.edit.Duration}
	for _, k := range rec.edit.Kept {
		strip.Kept = append(strip.Kept, views.Range{Start: k.Start, End: k.End})
	}
	return strip
}

// rowState says in one word how far a recording is, and how much of that is done.
func rowState(rec recording) (state string, progress float64) {
	e := rec.event
	switch e.State {
	case event.Empty:
		return "empty", 0
	case event.Processing:
		return "processing", rec.ingest
	case event.Failed:
		return "broken", 0
	}
	if rec.run != nil {
		switch rec.run.State {
		case run.Running:
			return "publishing", rec.run.Progress
		case run.Queued, run.Dispatched:
			return "waiting", 0
		case run.Failed:
			return "failed", 0
		}
	}
	switch {
	case e.PublishedRev != nil && (rec.edit == nil || int64(rec.edit.Rev) <= *e.PublishedRev):
		return "published", 0
	case e.PublishedRev == nil && (rec.edit == nil || rec.edit.Rev == 0):
		return "unedited", 0
	}
	return "changed", 0
}

// thumbnailOf is the asset that stands for an event in lists: the published picture, else the one made at first.
func thumbnailOf(e event.Event) *event.Asset {
	var found *event.Asset
	for i, a := range e.Assets {
		if a.Flavor == "oc/thumbnail" && (found == nil || found.Internal && !a.Internal) {
			found = &e.Assets[i]
		}
	}
	return found
}
