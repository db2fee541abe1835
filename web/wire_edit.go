package main

import (
	"context"
	"io"
	"strings"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/media"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// maxSubtitles is the largest subtitle file that is read, in bytes.
const maxSubtitles = 16 << 20

// subtitleLines reads a text track's file for the edit.
func (a *app) subtitleLines(ctx context.Context, t tenant.ID, path string) ([]edit.Cue, error) {
	file, err := a.files.Open(ctx, string(t), path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSubtitles))
	if err != nil {
		return nil, err
	}
	vtt, err := media.ParseSubtitles(data)
	if err != nil {
		return nil, err
	}
	var lines []edit.Cue
	for _, cue := range vtt.Cues() {
		lines = append(lines, edit.Cue{ID: cue.ID, Start: cue.Start, End: cue.End, Text: cue.Text})
	}
	return lines, nil
}

// pollEdits tells the present revs of watched edits, should a notice have been lost.
func (a *app) pollEdits(ctx context.Context, t string, topics []string) ([]live.Notice, error) {
	var events []event.ID
	for _, topic := range topics {
		if id, isEdit := strings.CutPrefix(topic, "edit:"); isEdit {
			events = append(events, event.ID(id))
		}
	}
	if len(events) == 0 {
		return nil, nil
	}
	revs, err := a.edits.Revs(ctx, user.System(tenant.ID(t)), events)
	var notices []live.Notice
	for id, rev := range revs {
		notices = append(notices, live.Notice{Tenant: t, Topic: "edit:" + string(id), Rev: int64(rev)})
	}
	return notices, err
}
