package handlers

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/media"
	"cutroom/internal/user"
	"cutroom/views"
)

// watchPage shows what is published to whoever may read.
func (s *Server) watchPage(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	e, err := s.Events.Find(r.Context(), who, event.ID(r.PathValue("id")), event.ToRead)
	if err != nil {
		return err
	}
	page := views.WatchPage{
		Page: s.page(r, e.Title, "recordings"), ID: string(e.ID), Title: e.Title, Creators: e.Creators, Description: e.Description, Date: dateOf(e),
		Published: e.PublishedRev != nil, MayEdit: e.MayWrite && s.tenant(r).Has(install.Editor), Series: s.seriesTitle(r, e),
	}
	page.Page.Pulse = s.pulseOf(r, "event", string(e.ID), e.MayWrite)
	page.At = startParameter(r.FormValue("t"))
	if r.FormValue("edit") != "" && !e.MayWrite {
		page.AskOwner = s.name(r.Context(), who, e.Owner)
	}
	if page.Published {
		if e.Duration != nil {
			page.Duration = int64(*e.Duration)
		}
		if err := s.watchAssets(r, e, &page); err != nil {
			return err
		}
	} else if e.MayWrite {
		latest, err := s.Runs.Latest(r.Context(), who, []event.ID{e.ID})
		if err != nil {
			return err
		}
		run, there := latest[e.ID]
		page.Processing = there && !run.State.Final()
	}
	return s.render(w, r, http.StatusOK, views.Watch(page))
}

// watchAssets fills in the public tracks: the one with slides first, then the presenter, sound alone last.
func (s *Server) watchAssets(r *http.Request, e event.Event, page *views.WatchPage) error {
	who := s.who(r)
	poster, pictures := "", event.Asset{}
	for _, a := range e.Assets {
		if a.Internal {
			continue
		}
		page.Assets = append(page.Assets, string(a.ID))
		switch {
		case a.Flavor == "oc/thumbnail":
			poster = s.mediaURL(who, a)
		case isType(a.Flavor, "timeline-preview"):
			pictures = a
		}
	}
	mayLoad := downloadable(e)
	for _, a := range sortedTracks(e.Assets) {
		if a.Internal {
			continue
		}
		href := s.mediaURL(who, a)
		switch kind := textKind(a); {
		case kind == "chapters":
			if err := s.chapters(r, a, pictures, page); err != nil {
				return err
			}
		case kind != "":
			if err := s.captions(r, a, href, page); err != nil {
				return err
			}
		default:
			if len(page.Videos) > 0 {
				poster = "" // the cover is of the first; the others show their own first picture
			}
			page.Videos = append(page.Videos, views.WatchVideo{Href: href, Type: a.MimeType, Flavor: a.Flavor, Poster: poster, Sound: a.Has("audio"), Audio: !a.Has("video")})
		}
		if mayLoad {
			page.Downloads = append(page.Downloads, views.Download{File: s.fileOf(who, a, true)})
		}
	}
	return nil
}

func (s *Server) captions(r *http.Request, a event.Asset, href string, page *views.WatchPage) error {
	page.Captions = append(page.Captions, views.WatchText{Href: href, Language: languageOf(a), Machine: a.Streams[0].Origin == "generated"})
	if len(page.Captions) > 1 {
		return nil
	}
	cues, err := s.readCues(r, a)
	for _, c := range cues {
		page.Lines = append(page.Lines, views.WatchLine{Start: c.Start, End: c.End, Text: plainText(c.Text)})
	}
	return err
}

func (s *Server) chapters(r *http.Request, a, pictures event.Asset, page *views.WatchPage) error {
	cues, err := s.readCues(r, a)
	for _, c := range cues {
		page.Chapters = append(page.Chapters, views.Chapter{At: c.Start, Title: plainText(c.Text)})
	}
	return err
}

// readCues reads the lines of a text track's file; none where it is no subtitle any more: it was checked when it came in, and
// a reader need not suffer.
func (s *Server) readCues(r *http.Request, a event.Asset) ([]media.Cue, error) {
	parsed, err := event.ReadSubtitles(r.Context(), s.Files, s.who(r).Tenant, a.Path)
	if fault.KindOf(err) == fault.Invalid {
		return nil, nil
	}
	return parsed.Cues(), err
}

var cueTag = regexp.MustCompile(`<[^>]*>`)

// plainText is a subtitle's text without its tags.
func plainText(text string) string {
	return strings.TrimSpace(html.UnescapeString(cueTag.ReplaceAllString(text, "")))
}

// textKind is "" for tracks with picture or sound, else what the text is.
func textKind(a event.Asset) string {
	if a.Kind != "track" || a.Has("video") || a.Has("audio") || !a.Has("text") {
		return ""
	}
	if a.Streams[0].TextKind == "" {
		return "subtitle"
	}
	return a.Streams[0].TextKind
}

func languageOf(a event.Asset) string {
	if a.Language != nil {
		return *a.Language
	}
	for _, st := range a.Streams {
		if st.Language != "" {
			return st.Language
		}
	}
	return ""
}

// sortedTracks are the tracks of a list in the order in which people look at them.
func sortedTracks(assets []event.Asset) []event.Asset {
	var tracks []event.Asset
	for _, a := range assets {
		if a.Kind == "track" {
			tracks = append(tracks, a)
		}
	}
	rank := func(a event.Asset) int {
		switch {
		case isKind(a.Flavor, "presentation"):
			return 0
		case a.Has("video"):
			return 1
		case a.Has("audio"):
			return 2
		}
		return 3
	}
	sort.SliceStable(tracks, func(i, j int) bool { return rank(tracks[i]) < rank(tracks[j]) })
	return tracks
}

// downloadable says whether students may download: ocx:downloadable is true.
func downloadable(e event.Event) bool { return extraFlag(e.ExtraMetadata, "ocx:downloadable", false) }

// extraFlag reads a true or false of extraMetadata.
func extraFlag(extra json.RawMessage, name string, absent bool) bool {
	var all map[string]json.RawMessage
	var value bool
	if json.Unmarshal(extra, &all) != nil || json.Unmarshal(all[name], &value) != nil {
		return absent
	}
	return value
}

// fileOf is an asset in a list of files.
func (s *Server) fileOf(who user.Who, a event.Asset, mayLoad bool) views.File {
	f := views.File{Flavor: a.Flavor, Kind: "other", Language: languageOf(a), Size: a.Size}
	if a.Duration != nil {
		f.Length = int64(*a.Duration)
	}
	for _, st := range a.Streams {
		f.Machine = f.Machine || st.Kind == "text" && st.Origin == "generated"
		if st.Kind == "video" && f.Width == 0 {
			f.Width, f.Height = st.Width, st.Height
		}
	}
	switch {
	case a.Has("video"):
		f.Kind, f.Sound = "video", a.Has("audio")
	case a.Has("audio"):
		f.Kind = "audio"
	case a.Has("text"):
		f.Kind = "text"
	case len(a.MimeType) > 6 && a.MimeType[:6] == "image/":
		f.Kind = "image"
		f.Width, _ = strconv.Atoi(a.Properties["w"])
		f.Height, _ = strconv.Atoi(a.Properties["h"])
	}
	if mayLoad {
		f.Href = s.mediaURL(who, a) + "&download=1"
	}
	return f
}
