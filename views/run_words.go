package views

import (
	"context"
	"time"
)

func (p RunPage) layout(ctx context.Context) Page {
	page := p.Page.with(p.Run.title(ctx)+" · "+p.EventTitle, "jobs")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.Run.live() {
		page.Refresh = 3
	}
	return page
}

// heading names the run: "Publishing, third time".
func (p RunPage) heading(ctx context.Context) string {
	words := []string{"", "", "run.second", "run.third", "run.fourth", "run.fifth"}
	switch {
	case p.Nth <= 1:
		return T(ctx, "run.title")
	case p.Nth < len(words):
		return T(ctx, words[p.Nth])
	}
	return T(ctx, "run.nth", "Place", ordinal(ctx, p.Nth))
}

// shareDone is what the big number says: a run that is done is done.
func (r RunProgress) shareDone() float64 {
	if r.State == "done" {
		return 1
	}
	return min(r.Progress, 0.99)
}

// title is what the window is called: "62 % published".
func (r RunProgress) title(ctx context.Context) string {
	if r.State == "running" {
		return T(ctx, "run.windowTitle", "Percent", Percent(r.shareDone()))
	}
	return runTag(ctx, r.State).Text
}

// spoken is what screen readers hear, each 25 % and at the end.
func (r RunProgress) spoken(ctx context.Context) string {
	if r.State == "running" {
		quarter := float64(percent(r.Progress)/25) * 0.25
		return T(ctx, "run.spoken", "Percent", Percent(quarter))
	}
	return r.headline(ctx)
}

// headline is the one sentence that a person came for.
func (r RunProgress) headline(ctx context.Context) string {
	switch r.State {
	case "done":
		return T(ctx, "run.headDone", "Length", Length(ctx, r.Strip.Stays()))
	case "failed":
		return T(ctx, "run.headFailed")
	case "cancelled":
		return T(ctx, "run.headCancelled")
	case "superseded":
		return T(ctx, "run.headSuperseded")
	case "running":
		if r.Left > 0 {
			return left(ctx, time.Duration(r.Left)*time.Millisecond)
		}
		return T(ctx, "run.headRunning")
	}
	if r.Position == 1 && r.WaitsBy != "" {
		return T(ctx, "run.nextAfter", "Name", r.WaitsBy, "Time", r.WaitsAt.In(zone(ctx)).Format("15:04"))
	}
	if r.Position > 0 && r.WaitsBy != "" {
		return T(ctx, "run.inLineAfter", "Place", ordinal(ctx, r.Position), "Name", r.WaitsBy, "Time", r.WaitsAt.In(zone(ctx)).Format("15:04"))
	}
	if r.Position > 0 {
		return T(ctx, "run.inLine", "Place", ordinal(ctx, r.Position))
	}
	return T(ctx, "run.headWaiting")
}

// subline tells where it runs and how fast.
func (r RunProgress) subline(ctx context.Context) string {
	switch {
	case r.State == "running" && r.Speed > 0 && r.Node != "":
		return T(ctx, "run.speedOn", "Speed", speed(ctx, r.Speed), "Node", r.Node)
	case r.State == "running" && r.Node != "":
		return T(ctx, "run.on", "Node", r.Node)
	case r.State == "failed" || r.State == "cancelled" || r.State == "superseded":
		return T(ctx, "run.oldStays")
	case r.State == "done" && !r.EndedAt.IsZero() && !r.StartedAt.IsZero():
		return T(ctx, "run.doneIn", "Length", Length(ctx, r.EndedAt.Sub(r.StartedAt).Milliseconds()), "Node", r.Node)
	case r.State == "queued" || r.State == "dispatched":
		return T(ctx, "run.startsAlone")
	}
	return ""
}

// left writes the time left: "About 6 seconds left".
func left(ctx context.Context, d time.Duration) string {
	if s := int(d.Round(time.Second).Seconds()); s < 90 {
		return T(ctx, "run.secondsLeft", "PluralCount", max(s, 1))
	}
	return T(ctx, "run.minutesLeft", "PluralCount", int(d.Round(time.Minute).Minutes()))
}

func speed(ctx context.Context, x float64) string {
	if x >= 10 {
		return Count(int(x + 0.5))
	}
	return decimal(ctx, number(int(x))+"."+number(int(x*10+0.5)%10))
}

func (r RunProgress) outWords(ctx context.Context) string {
	if r.Strip.uncut() {
		return T(ctx, "run.outAll", "Total", Length(ctx, r.Strip.Duration))
	}
	return T(ctx, "run.out", "Length", Length(ctx, r.Strip.Stays()), "Total", Length(ctx, r.Strip.Duration))
}

// lost tells that a worker died and another goes on.
func (r RunProgress) lost(ctx context.Context) string {
	most := r.Attempts
	if most == 0 {
		most = 3
	}
	if r.Node == "" || r.Node == r.LostNode {
		return T(ctx, "run.lostWaits", "Lost", r.LostNode, "At", TimeOfDay(ctx, r.LostAt))
	}
	return T(ctx, "run.lost", "Lost", r.LostNode, "At", TimeOfDay(ctx, r.LostAt), "Node", r.Node, "Attempt", r.Attempt, "Most", most)
}

func (r RunProgress) queued(ctx context.Context) string {
	if time.Since(r.QueuedAt) < 20*time.Hour {
		return TimeOfDay(ctx, r.QueuedAt)
	}
	return Day(ctx, r.QueuedAt) + ", " + TimeOfDay(ctx, r.QueuedAt)
}

// blocks are the made and the coming parts of the result.
func (r RunProgress) blocks() []block {
	made, todo := r.Strip.output(r.made())
	return append(made, todo...)
}

// stepNames are the words for steps of a run.
var stepNames = map[string]string{
	"wait": "step.wait", "inspect": "step.inspect", "read": "step.inspect", "prepare": "step.prepare", "cut": "step.cut", "timeline": "step.timeline", "joins": "step.joins", "check": "step.joins",
	"texts": "step.texts", "text": "step.texts", "subtitles": "step.texts", "cover": "step.cover", "thumbnail": "step.cover", "swap": "step.swap", "publish": "step.swap",
	"sound": "step.sound", "waveform": "step.sound", "pictures": "step.pictures", "storyboard": "step.pictures", "store": "step.store",
}

func stepName(ctx context.Context, name string) string {
	if id, known := stepNames[name]; known {
		return T(ctx, id)
	}
	return name
}

func (s Step) name(ctx context.Context) string { return stepName(ctx, s.Name) }

func (s Step) class() string {
	switch s.State {
	case "done", "skipped":
		return "step-done"
	case "running":
		return "step-running"
	case "failed":
		return "step-failed"
	}
	return "step-waits"
}

func (s Step) stateText(ctx context.Context) string {
	switch s.State {
	case "done", "skipped":
		return T(ctx, "run.done")
	case "running":
		return T(ctx, "run.running")
	case "failed":
		return T(ctx, "run.failed")
	}
	return T(ctx, "run.waiting")
}
