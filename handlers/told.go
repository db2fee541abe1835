package handlers

import (
	"context"
	"maps"
	"strings"

	"cutroom/internal/fault"
	"cutroom/views"
)

// told is a fault's text in the language of the page, or in English where the catalogue has none. Texts that want Says get
// what is wrong with each field.
func told(ctx context.Context, f *fault.Error) string {
	if f.ID == "" {
		return f.Text
	}
	data := map[string]any{"Says": f.Text}
	if len(f.Fields) > 0 {
		said := make([]string, 0, len(f.Fields))
		for _, field := range f.Fields {
			said = append(said, toldRule(ctx, field))
		}
		data["Says"] = strings.Join(said, " ")
	}
	maps.Copy(data, f.Data)
	if text := views.T(ctx, f.ID, data); text != f.ID {
		return text
	}
	return f.Text
}

// toldField is what stands under a form's field: the rule that it broke, else the fault's own text.
func toldField(ctx context.Context, f *fault.Error) string {
	if len(f.Fields) > 0 {
		return toldRule(ctx, f.Fields[0])
	}
	return told(ctx, f)
}

// toldRule is the rule that a field broke, or its English message where the catalogue does not know the rule.
func toldRule(ctx context.Context, field fault.Field) string {
	id := "rule." + field.Rule
	if text := views.T(ctx, id); text != id {
		return text
	}
	return field.Message
}

// toldSetting is what values a setting takes.
func toldSetting(ctx context.Context, key string, field fault.Field) string {
	id := "settings.wrong." + key
	if text := views.T(ctx, id); text != id {
		return text
	}
	return field.Message
}
