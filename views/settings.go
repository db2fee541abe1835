package views

import "context"

// SettingsPage is "/settings". POST /settings with edit.mode, edit.runs, bin.days; 303 back with Saved, or the page with
// Errors by key (422).
type SettingsPage struct {
	Page    Page
	Mode    string // edit.mode: together, pen
	Runs    string // edit.runs: queue, reject, supersede, replace
	BinDays string // bin.days as typed
	Saved   bool
	Errors  map[string]string // by key, one sentence each
	By      string            // who changed them last; empty: nobody
	MayEdit bool
}

// settingChoice is one sentence to choose, and what it means.
type settingChoice struct{ value, text, note string }

// modeChoices leaves out "pen", which the API takes already: it does nothing yet.
func modeChoices(ctx context.Context) []settingChoice {
	return []settingChoice{
		{"together", T(ctx, "settings.together"), T(ctx, "settings.togetherNote")},
	}
}

func runsChoices(ctx context.Context) []settingChoice {
	return []settingChoice{
		{"queue", T(ctx, "settings.queue"), T(ctx, "settings.queueNote")},
		{"reject", T(ctx, "settings.reject"), T(ctx, "settings.rejectNote")},
		{"supersede", T(ctx, "settings.supersede"), T(ctx, "settings.supersedeNote")},
		{"replace", T(ctx, "settings.replace"), T(ctx, "settings.replaceNote")},
	}
}
