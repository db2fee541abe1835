package lti

import (
	"net/url"
	"regexp"
	"strings"

	"cutroom/internal/fault"
)

// Place is where a deep link leads.
type Place struct {
	Path  string // of this site, with query; made of checked parts alone, so that it never leads elsewhere
	Event string // the recording's id; "" for a series
	View  string // ViewEdit, ViewWatch; "" for a series
}

// mostPlace is how many bytes a place may have: it goes into a header of the answer.
const mostPlace = 4096

var (
	paella   = regexp.MustCompile(`^/paella[0-9]*/ui/watch\.html$`)
	playPath = regexp.MustCompile(`^/play/([^/]+)$`)
)

// Opencast translates what courses have in their links since they used Opencast, a path there with its query, into our place:
//
//	/editor-ui/index.html?id=EVENT                                  the editor
//	/play/EVENT, /paella*/ui/watch.html?id=EVENT,
//	/engage/theodul/ui/core.html?id=EVENT,
//	/ltitools/index.html?subtool=player&id=EVENT                    the player
//	/ltitools/index.html?subtool=series&series=ID                   the series
//
// What else stands in the query, and more, which are other custom parameters of a launch, goes along as query parameters. An
// unknown tool is a fault Invalid that names it; a missing or impossible id too.
func Opencast(tool string, more url.Values) (Place, error) {
	u, err := toolURL(tool)
	if err != nil {
		return Place{}, err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Place{}, unknownTool(tool)
	}
	for name, values := range more {
		if !query.Has(name) {
			query[name] = values
		}
	}
	p, idName := Place{View: ViewWatch}, "id"
	id := query.Get("id")
	switch played := playPath.FindStringSubmatch(u.Path); {
	case u.Path == "/editor-ui/index.html":
		p.View = ViewEdit
	case played != nil:
		id, idName = played[1], ""
	case paella.MatchString(u.Path), u.Path == "/engage/theodul/ui/core.html":
	case u.Path == "/ltitools/index.html" && query.Get("subtool") == "player":
		query.Del("subtool")
	case u.Path == "/ltitools/index.html" && query.Get("subtool") == "series", u.Path == "/ltitools/series/index.html":
		p.View, idName = "", "series"
		id = query.Get("series")
		query.Del("subtool")
	default:
		return Place{}, unknownTool(tool)
	}
	if eventID(id) == "" {
		return Place{}, fault.Newf(fault.Invalid, "lti.tool-id", "The link names no recording or series that could be here: %q. Copy it again from where the recording is.", shown(tool)).
			With(map[string]any{"Tool": shown(tool)})
	}
	query.Del(idName)
	p.Path = "/series/" + id
	if p.View != "" {
		p.Event, p.Path = id, "/events/"+id+"/"+p.View
	}
	if len(query) > 0 {
		p.Path += "?" + query.Encode()
	}
	if len(p.Path) > mostPlace {
		return Place{}, fault.New(fault.Invalid, "lti.tool-long", "The link's custom parameters are too long. Leave out those that Cutroom does not need.")
	}
	return p, nil
}

// toolURL reads a tool's path. Opencast takes it without its first slash too, and percent-encoded as a whole.
func toolURL(tool string) (*url.URL, error) {
	plain := strings.TrimSpace(tool)
	if strings.Contains(plain, "%2F") || strings.Contains(plain, "%2f") || strings.Contains(plain, "%3F") || strings.Contains(plain, "%3f") {
		if !strings.Contains(plain, "?") {
			if decoded, err := url.PathUnescape(plain); err == nil {
				plain = decoded
			}
		}
	}
	if !strings.HasPrefix(plain, "/") {
		plain = "/" + plain
	}
	u, err := url.Parse(plain)
	if err != nil || len(plain) > mostPlace || u.Host != "" || u.Scheme != "" || strings.HasPrefix(plain, "//") {
		return nil, unknownTool(tool)
	}
	return u, nil
}

func unknownTool(tool string) error {
	return fault.Newf(fault.Invalid, "lti.tool", "Cutroom has no tool %q. Use /editor-ui/index.html?id=… for the editor, /play/… for the player, or /ltitools/index.html?subtool=series&series=… for a series as custom parameter tool.", shown(tool)).
		With(map[string]any{"Tool": shown(tool)})
}
