package views

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed text/*.json
var catalogues embed.FS

// Languages are those that pages speak, the first by default.
var Languages = []string{"en", "de"}

var (
	bundle     = load()
	localizers = map[string]*i18n.Localizer{"en": i18n.NewLocalizer(bundle, "en"), "de": i18n.NewLocalizer(bundle, "de")}
	matcher    = language.NewMatcher([]language.Tag{language.English, language.German})
)

// load reads all catalogues; a broken one is a mistake of ours and stops the program before it serves anything.
func load() *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := catalogues.ReadDir("text")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		if _, err := b.LoadMessageFileFS(catalogues, "text/"+file.Name()); err != nil {
			panic(fmt.Errorf("views/text/%s: %w", file.Name(), err))
		}
	}
	return b
}

type langKey struct{}
type zoneKey struct{}

// WithLang gives a context in which pages speak lang ("en" or "de"; anything else is English).
func WithLang(ctx context.Context, lang string) context.Context {
	if _, known := localizers[lang]; !known {
		lang = Languages[0]
	}
	return context.WithValue(ctx, langKey{}, lang)
}

// Lang tells the language of pages in ctx, "en" unless WithLang said otherwise.
func Lang(ctx context.Context) string {
	if lang, ok := ctx.Value(langKey{}).(string); ok {
		return lang
	}
	return Languages[0]
}

// PickLang chooses the language: the one that somebody chose (a cookie's value), else the best of Accept-Language.
func PickLang(chosen, acceptLanguage string) string {
	if _, known := localizers[chosen]; known {
		return chosen
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return Languages[0]
	}
	_, i, _ := matcher.Match(tags...)
	return Languages[i]
}

// WithZone gives a context in which times of day are told in zone; without it they are told in the server's.
func WithZone(ctx context.Context, zone *time.Location) context.Context {
	return context.WithValue(ctx, zoneKey{}, zone)
}

func zone(ctx context.Context) *time.Location {
	if z, ok := ctx.Value(zoneKey{}).(*time.Location); ok && z != nil {
		return z
	}
	return time.Local
}

// T gives the text of id in the context's language. data are pairs of a name and a value, or one map[string]any; the
// name "PluralCount" also chooses the plural form. An id without a text gives itself, which a test refuses.
func T(ctx context.Context, id string, data ...any) string {
	values := pairs(data)
	text, err := localizers[Lang(ctx)].Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: values, PluralCount: values["PluralCount"]})
	if text == "" && err != nil {
		return id
	}
	return text
}

// Texts gives several texts by id, for a page's script data.
func Texts(ctx context.Context, ids ...string) map[string]string {
	all := make(map[string]string, len(ids))
	for _, id := range ids {
		all[id] = raw(ctx, id)
	}
	return all
}

// raw gives a text with its {{.Name}} places kept as {Name}, for scripts that fill them.
func raw(ctx context.Context, id string) string {
	return T(ctx, id, keep)
}

// keep answers every name that a text of the catalogues holds with a place of the same name.
var keep = func() map[string]any {
	all := map[string]any{}
	files, _ := catalogues.ReadDir("text")
	for _, file := range files {
		content, _ := catalogues.ReadFile("text/" + file.Name())
		for _, m := range places.FindAllSubmatch(content, -1) {
			if name := string(m[1]); name != "PluralCount" {
				all[name] = "{" + name + "}"
			}
		}
	}
	return all
}()

// places finds the values that a text wants.
var places = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func pairs(data []any) map[string]any {
	values := map[string]any{}
	if len(data) == 1 {
		if m, ok := data[0].(map[string]any); ok {
			maps.Copy(values, m)
			return values
		}
	}
	for i := 0; i+1 < len(data); i += 2 {
		if name, ok := data[i].(string); ok {
			values[name] = data[i+1]
		}
	}
	return values
}
