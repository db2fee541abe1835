package views

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// Tag is a state by shape and by word.
type Tag struct {
	Shape string // done, running, waits, failed, changed
	Text  string
}

// Face is a person who is here now.
type Face struct {
	Name  string // "Jonas Weber"
	Color int    // 1 to 6, by the user id; 0: you
	State string // active, idle, away, left
	Place string // cutting, subtitles, chapters, details; empty: is here
}

// says tells what the person does: "Jonas Weber is cutting now".
func (f Face) says(ctx context.Context) string {
	if f.State == "active" && f.Place == "cutting" {
		return T(ctx, "face.cutting", "Name", f.Name)
	}
	return T(ctx, "face.here", "Name", f.Name)
}

// facesSay tells who is here: the one by name, several by their names.
func facesSay(ctx context.Context, faces []Face) string {
	if len(faces) == 1 {
		return faces[0].says(ctx)
	}
	names := make([]string, len(faces))
	for i, f := range faces {
		names[i] = f.Name
	}
	last := len(names) - 1
	return T(ctx, "face.several", "Names", strings.Join(names[:last], ", "), "Last", names[last])
}

func (f Face) class() string {
	colors := [...]string{"face-you", "face-p1", "face-p2", "face-p3", "face-p4", "face-p5", "face-p6"}
	states := map[string]string{"active": "face-active", "idle": "face-idle", "away": "face-away", "left": "face-left"}
	return strings.TrimSpace("face " + colors[min(max(f.Color, 0), 6)] + " " + states[f.State])
}

// Option is a value of a choice.
type Option struct{ Value, Text string }

// Piece is a part of a found text; Match says that it is what was searched for.
type Piece struct {
	Text  string
	Match bool
}

// noticeRole of a notice: failures interrupt, the rest waits its turn.
func noticeRole(kind string) string {
	if kind == "failed" {
		return "alert"
	}
	return "status"
}

// current marks the chosen one of several links.
func current(is bool) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

// invalid marks a control whose value was refused.
func invalid(is bool) templ.Attributes {
	if !is {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true"}
}
