package handlers

import (
	"time"

	"cutroom/internal/event"
	"cutroom/internal/run"
	"cutroom/internal/user"
)

// showEvent makes the API's event for somebody: the links of its files are theirs alone.
func (s *Server) showEvent(who user.Who, e event.Event) apiEvent {
	return apiEvent{
		ID: string(e.ID), Title: e.Title, Description: e.Description, Creators: e.Creators, Language: e.Language, Series: (*string)(e.Series),
		Owner: e.Owner, CreatedBy: e.CreatedBy, Created: event.FormatTime(e.Created), Modified: event.FormatTime(e.Modified),
		StartTime: showDateTime(e.StartTime), EndTime: showDateTime(e.EndTime), Duration: (*int64)(e.Duration), State: string(e.State), Error: e.Error,
		ExtraMetadata: apiObject(e.ExtraMetadata), ACL: showACL(e.ACL), Assets: s.showAssets(who, e.Assets),
	}
}

// showDateTime shows an instant that people write.
func showDateTime(at *time.Time) *string {
	if at == nil {
		return nil
	}
	text := event.FormatDateTime(*at)
	return &text
}

// showTime shows a Timestamp.
func showTime(at *time.Time) *string {
	if at == nil {
		return nil
	}
	text := event.FormatTime(*at)
	return &text
}

func showACL(acl []event.ACLEntry) []apiACLEntry {
	shown := make([]apiACLEntry, len(acl))
	for i, e := range acl {
		shown[i] = apiACLEntry(e)
	}
	return shown
}

func (s *Server) showAssets(who user.Who, assets []event.Asset) []apiAsset {
	shown := make([]apiAsset, len(assets))
	for i, a := range assets {
		shown[i] = s.showAsset(who, a)
	}
	return shown
}

// showAsset makes the API's asset.
func (s *Server) showAsset(who user.Who, a event.Asset) apiAsset {
	shown := apiAsset{
		ID: string(a.ID), Flavor: a.Flavor, Tags: a.Tags, Properties: a.Properties, MimeType: a.MimeType, Size: a.Size, Checksum: a.Checksum,
		Source: a.Source, Internal: a.Internal, Modified: event.FormatTime(a.Modified), URI: s.mediaURL(who, a), Kind: a.Kind,
		Duration: (*int64)(a.Duration), IsLive: a.IsLive, Language: a.Language,
	}
	for _, st := range a.Streams {
		shown.Streams = append(shown.Streams, apiStream{
			Kind: st.Kind, Codec: st.Codec, Width: st.Width, Height: st.Height, FrameRate: st.FrameRate, Dynamic: st.Dynamic, Channels: st.Channels,
			SampleRate: st.SampleRate, TextKind: st.TextKind, Origin: st.Origin, Generator: st.Generator, Language: st.Language,
		})
	}
	return shown
}

func showSeries(e event.Series) apiSeries {
	return apiSeries{
		ID: string(e.ID), Title: e.Title, Description: e.Description, Creators: e.Creators, Language: e.Language, CreatedBy: e.CreatedBy,
		Created: event.FormatTime(e.Created), Modified: event.FormatTime(e.Modified), ExtraMetadata: apiObject(e.ExtraMetadata), ACL: showACL(e.ACL),
	}
}

// current shows the present value that goes with a 412.
func (a *api) current(who user.Who, now any) any {
	switch now := now.(type) {
	case event.Event:
		return a.showEvent(who, now)
	case event.Series:
		return showSeries(now)
	case run.Run:
		return showRun(now)
	}
	return now
}
