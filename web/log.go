package main

import (
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
