package views

import (
	"context"
	"time"
)

// Zone is the time zone in which pages of this context tell times, and forms are read.
func Zone(ctx context.Context) *time.Location { return zone(ctx) }

// Name is what users call the file.
func (f File) Name(ctx context.Context) string { return f.name(ctx) }
