package main

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"
)

// logTo sends the log to w: text for a person at a terminal, JSON lines else.
func logTo(w io.Writer, level slog.Level) {
	options := &slog.HandlerOptions{Level: level}
	if isTerminal(w) {
		slog.SetDefault(slog.New(slog.NewTextHandler(w, options)))
		return
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(w, options)))
}

func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// atLeast is a handler that leaves out what is less important than a level: River tells of its counts every few seconds.
type atLeast struct {
	slog.Handler
	level slog.Level
}

// Enabled says whether a record of this level is written.
func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the level.
func (h atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(attrs), h.level}
}

// WithGroup keeps the level.
func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}
