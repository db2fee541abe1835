package handlers

import (
	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
)

// apiEvent is an event as the API shows it, everywhere the same.
type apiEvent struct {
	ID            string        `json:"id" doc:"Never changes."`
	Title         string        `json:"title" doc:"Not only white space, at most 1,024 bytes."`
	Description   string        `json:"description" doc:"Plain text of at most 65,536 bytes; an empty line begins a paragraph."`
	Creators      []string      `json:"creators"`
	Language      *string       `json:"language,omitzero" doc:"Such as en or en-US." example:"en-GB"`
	Series        *string       `json:"series,omitzero" doc:"Id of a series."`
	Owner         string        `json:"owner" doc:"User name."`
	CreatedBy     string        `json:"createdBy" doc:"User name."`
	Created       string        `json:"created" format:"date-time"`
	Modified      string        `json:"modified" format:"date-time" doc:"Rises with each change of the event, its assets or its ACL, and only then."`
	StartTime     *string       `json:"startTime,omitzero" format:"date-time"`
	EndTime       *string       `json:"endTime,omitzero" format:"date-time"`
	Duration      *int64        `json:"duration,omitzero" minimum:"0" doc:"Milliseconds; that of every track that is not internal."`
	State         string        `json:"state" enum:"empty,processing,ready,failed"`
	Error         *string       `json:"error,omitzero" doc:"Why, with state failed."`
	ExtraMetadata apiObject     `json:"extraMetadata" doc:"ns:name to any JSON. oc: is reserved, dct: is Dublin Core."`
	ACL           []apiACLEntry `json:"acl"`
	Assets        []apiAsset    `json:"assets" doc:"Internal ones are shown to those who may write."`
}

// apiACLEntry allows an action to a role.
type apiACLEntry struct {
	Role   string `json:"role" minLength:"1" example:"ROLE_USER_BEN"`
	Action string `json:"action" minLength:"1" doc:"read, write, or any other for apps." example:"read"`
}

// apiAsset is a file of an event.
type apiAsset struct {
	ID         string            `json:"id"`
	Flavor     string            `json:"flavor" example:"presenter/source"`
	Tags       []string          `json:"tags"`
	Properties map[string]string `json:"properties"`
	MimeType   string            `json:"mimeType" example:"video/mp4"`
	Size       int64             `json:"size" minimum:"0" doc:"Bytes."`
	Checksum   string            `json:"checksum" pattern:"^sha256:[0-9a-f]{64}$"`
	Source     bool              `json:"source" doc:"Uploaded, not made."`
	Internal   bool              `json:"internal" doc:"Never shown to readers."`
	Modified   string            `json:"modified" format:"date-time"`
	URI        string            `json:"uri" doc:"For whoever asked, for a short time; give it to nobody."`
	Kind       string            `json:"kind" enum:"track,attachment"`
	Duration   *int64            `json:"duration,omitzero" minimum:"0" doc:"Milliseconds, of a track."`
	IsLive     bool              `json:"isLive,omitzero"`
	Streams    []apiStream       `json:"streams,omitzero" doc:"Of a track."`
	Language   *string           `json:"language,omitzero"`
}

// apiStream is one stream of a track; what does not belong to its kind is absent.
type apiStream struct {
	Kind       string  `json:"kind" enum:"video,audio,text"`
	Codec      string  `json:"codec,omitzero"`
	Width      int     `json:"width,omitzero"`
	Height     int     `json:"height,omitzero"`
	FrameRate  float64 `json:"frameRate,omitzero" doc:"Frames a second; absent when it varies."`
	Dynamic    bool    `json:"dynamic,omitzero" doc:"The frame rate varies."`
	Channels   int     `json:"channels,omitzero"`
	SampleRate int     `json:"sampleRate,omitzero"`
	TextKind   string  `json:"textKind,omitzero" enum:"subtitle,caption,chapters,in-video-text"`
	Origin     string  `json:"origin,omitzero" enum:"manual,generated"`
	Generator  string  `json:"generator,omitzero"`
	Language   string  `json:"language,omitzero"`
}

// apiSeries is a set of events.
type apiSeries struct {
	ID            string        `json:"id"`
	Title         string        `json:"title"`
	Description   string        `json:"description"`
	Creators      []string      `json:"creators"`
	Language      *string       `json:"language,omitzero"`
	CreatedBy     string        `json:"createdBy"`
	Created       string        `json:"created" format:"date-time"`
	Modified      string        `json:"modified" format:"date-time"`
	ExtraMetadata apiObject     `json:"extraMetadata"`
	ACL           []apiACLEntry `json:"acl" doc:"The ACL of new events in it."`
}

// apiList is a page of a list.
type apiList[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"The cursor of the next page; null on the last one."`
}

func listOf[T any](items []T, next string) apiList[T] {
	list := apiList[T]{Items: items}
	if next != "" {
		list.Next = &next
	}
	return list
}

// apiObject is a JSON object as it is stored; integers are exact.
type apiObject []byte

// MarshalJSON writes it as it is.
func (o apiObject) MarshalJSON() ([]byte, error) {
	if len(o) == 0 {
		return []byte("{}"), nil
	}
	return o, nil
}

// UnmarshalJSON keeps it as it is.
func (o *apiObject) UnmarshalJSON(raw []byte) error {
	*o = append((*o)[:0], raw...)
	return nil
}

// Schema is an object of anything.
func (apiObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// apiEventDraft describes the body that makes an event.
type apiEventDraft struct {
	ID            string        `json:"id,omitzero" doc:"A new one when absent." pattern:"^[A-Za-z0-9._~!*:@,;-]{1,128}$"`
	Title         string        `json:"title" minLength:"1"`
	Description   *string       `json:"description,omitzero" nullable:"true"`
	Creators      []string      `json:"creators,omitzero" nullable:"true"`
	Language      *string       `json:"language,omitzero" nullable:"true"`
	Series        *string       `json:"series,omitzero" nullable:"true"`
	Owner         *string       `json:"owner,omitzero" nullable:"true" doc:"Who makes it when absent."`
	StartTime     *string       `json:"startTime,omitzero" nullable:"true" format:"date-time"`
	EndTime       *string       `json:"endTime,omitzero" nullable:"true" format:"date-time"`
	ExtraMetadata apiObject     `json:"extraMetadata,omitzero"`
	ACL           []apiACLEntry `json:"acl,omitzero" doc:"The series' when absent, else read and write for who makes it."`
}

// apiEventPatch describes a merge patch: null removes, what is absent stays.
type apiEventPatch struct {
	Title         string        `json:"title,omitzero" minLength:"1"`
	Description   *string       `json:"description,omitzero" nullable:"true"`
	Creators      []string      `json:"creators,omitzero" nullable:"true"`
	Language      *string       `json:"language,omitzero" nullable:"true"`
	Series        *string       `json:"series,omitzero" nullable:"true"`
	Owner         string        `json:"owner,omitzero"`
	StartTime     *string       `json:"startTime,omitzero" nullable:"true" format:"date-time"`
	EndTime       *string       `json:"endTime,omitzero" nullable:"true" format:"date-time"`
	ExtraMetadata apiObject     `json:"extraMetadata,omitzero" doc:"A merge patch of its own."`
	ACL           []apiACLEntry `json:"acl,omitzero" doc:"The whole list."`
}

// apiSeriesDraft describes the body that makes a series.
type apiSeriesDraft struct {
	ID            string        `json:"id,omitzero" pattern:"^[A-Za-z0-9._~!*:@,;-]{1,128}$"`
	Title         string        `json:"title" minLength:"1"`
	Description   *string       `json:"description,omitzero" nullable:"true"`
	Creators      []string      `json:"creators,omitzero" nullable:"true"`
	Language      *string       `json:"language,omitzero" nullable:"true"`
	ExtraMetadata apiObject     `json:"extraMetadata,omitzero"`
	ACL           []apiACLEntry `json:"acl,omitzero"`
}

// apiSeriesPatch describes a merge patch of a series.
type apiSeriesPatch struct {
	Title         string        `json:"title,omitzero" minLength:"1"`
	Description   *string       `json:"description,omitzero" nullable:"true"`
	Creators      []string      `json:"creators,omitzero" nullable:"true"`
	Language      *string       `json:"language,omitzero" nullable:"true"`
	ExtraMetadata apiObject     `json:"extraMetadata,omitzero"`
	ACL           []apiACLEntry `json:"acl,omitzero"`
}

// apiFinding is a repair that import made.
type apiFinding = event.Finding
