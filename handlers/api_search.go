package handlers

import (
	"context"
	"net/http"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
)

// apiFound is an event that was found, and where.
type apiFound struct {
	Event      apiEvent              `json:"event"`
	Highlights map[string][]apiPiece `json:"highlights" doc:"By field: its text in pieces, the found words marked."`
	Moments    []apiMoment           `json:"moments" doc:"Where it was said."`
}

// apiPiece is a piece of a text.
type apiPiece struct {
	Text  string `json:"text"`
	Match bool   `json:"match"`
}

// apiMoment is a place in a recording where the words were found.
type apiMoment struct {
	Track string     `json:"track"`
	Start int64      `json:"start" minimum:"0" doc:"Milliseconds."`
	End   int64      `json:"end" minimum:"0" doc:"Milliseconds."`
	Text  []apiPiece `json:"text"`
}

// apiFacet is how often a value comes among all that is found.
type apiFacet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// apiFoundList is a page of what was found.
type apiFoundList struct {
	Items    []apiFound            `json:"items"`
	Next     *string               `json:"next" doc:"The cursor of the next page; null on the last one."`
	Facets   map[string][]apiFacet `json:"facets"`
	Engine   string                `json:"engine" enum:"postgres,elasticsearch"`
	Fallback bool                  `json:"fallback" doc:"The configured engine did not answer, this one did."`
}

func (a *api) searchRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/search", OperationID: "search", Tags: []string{"events"}, Summary: "Find events by words"}, a.search)
}

// foundAnswer is a page of what was found.
type foundAnswer struct{ Body apiFoundList }

// search finds the same events as their list does.
func (a *api) search(ctx context.Context, in *InEvents) (*foundAnswer, error) {
	who, q := whoOf(ctx), in.query()
	page, err := a.Events.List(ctx, who, q)
	if err != nil {
		return nil, err
	}
	states, err := a.Events.Counts(ctx, who, q)
	if err != nil {
		return nil, err
	}
	words := event.Words(in.Q)
	list := apiFoundList{Items: make([]apiFound, len(page.Items)), Next: listOf[int](nil, page.Next).Next, Engine: "postgres", Facets: map[string][]apiFacet{"state": {}}}
	for i, e := range page.Items {
		list.Items[i] = apiFound{Event: a.showEvent(who, e), Highlights: highlights(e, words), Moments: []apiMoment{}}
	}
	for _, state := range []event.State{event.Ready, event.Processing, event.Failed, event.Empty} {
		if n := states[state]; n > 0 {
			list.Facets["state"] = append(list.Facets["state"], apiFacet{string(state), n})
		}
	}
	return &foundAnswer{list}, nil
}

// highlights marks the words in the fields where they are.
func highlights(e event.Event, words []string) map[string][]apiPiece {
	marked := map[string][]apiPiece{}
	for field, text := range map[string]string{"title": e.Title, "description": e.Description, "creators": strings.Join(e.Creators, ", ")} {
		if pieces, any := mark(text, words); any {
			marked[field] = shortened(pieces)
		}
	}
	return marked
}

// mark takes a text apart at the words that begin with one of those looked for.
func mark(text string, words []string) (pieces []apiPiece, any bool) {
	plain, at := 0, 0 // where the unmarked text began, and how far it was looked at
	for at < len(text) {
		begin := at + until(text[at:], inWord)
		end := begin + until(text[begin:], func(r rune) bool { return !inWord(r) })
		if end > begin && begins(text[begin:end], words) {
			if begin > plain {
				pieces = append(pieces, apiPiece{Text: text[plain:begin]})
			}
			pieces, plain, any = append(pieces, apiPiece{text[begin:end], true}), end, true
		}
		at = end
	}
	if plain < len(text) {
		pieces = append(pieces, apiPiece{Text: text[plain:]})
	}
	return pieces, any
}

// until is how long a text goes on without such a sign.
func until(text string, such func(rune) bool) int {
	if i := strings.IndexFunc(text, such); i >= 0 {
		return i
	}
	return len(text)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

func begins(word string, words []string) bool {
	word = strings.ToLower(word)
	for _, w := range words {
		if strings.HasPrefix(word, w) {
			return true
		}
	}
	return false
}

// nearby is how many signs are shown beside a found word of a long text.
const nearby = 120

// shortened cuts what is not marked to what is near a mark.
func shortened(pieces []apiPiece) []apiPiece {
	for i, p := range pieces {
		runes := []rune(p.Text)
		if p.Match || len(runes) <= 2*nearby {
			continue
		}
		head, tail := string(runes[:nearby])+" …", "… "+string(runes[len(runes)-nearby:])
		switch i {
		case 0:
			pieces[i].Text = tail
		case len(pieces) - 1:
			pieces[i].Text = head
		default:
			pieces[i].Text = head + tail
		}
	}
	return pieces[:min(len(pieces), 40)]
}
