package lti

import (
	"crypto/rand"
	"strconv"
	"time"
)

// responseLife is how long a platform may take our answer.
const responseLife = 5 * time.Minute

// Sizes that a course is told for frames, in px: a lecture with its chapters beside it.
const (
	frameWidth  = 1000
	frameHeight = 640
)

// deepLinkResponse is the message that carries a choice back (LTI Deep Linking 2.0, 4.5). The platform knows us by our client id, and
// is told so as issuer.
type deepLinkResponse struct {
	Issuer     string        `json:"iss"`
	Audience   string        `json:"aud"`
	Issued     int64         `json:"iat"`
	Expires    int64         `json:"exp"`
	Nonce      string        `json:"nonce"`
	ID         string        `json:"jti"`
	Deployment string        `json:"https://purl.imsglobal.org/spec/lti/claim/deployment_id"`
	Message    string        `json:"https://purl.imsglobal.org/spec/lti/claim/message_type"`
	Version    string        `json:"https://purl.imsglobal.org/spec/lti/claim/version"`
	Data       string        `json:"https://purl.imsglobal.org/spec/lti-dl/claim/data,omitempty"`
	Items      []contentItem `json:"https://purl.imsglobal.org/spec/lti-dl/claim/content_items"`
}

// contentItem is a link as courses take it (Deep Linking 2.0, 3.1).
type contentItem struct {
	Type      string            `json:"type"`
	URL       string            `json:"url"`
	Title     string            `json:"title"`
	Text      string            `json:"text,omitempty"`
	Thumbnail *contentPicture   `json:"thumbnail,omitempty"`
	Frame     *contentFrame     `json:"iframe,omitempty"`
	Window    *contentWindow    `json:"window,omitempty"`
	Custom    map[string]string `json:"custom,omitempty"` // of resource links: come back with each launch
}

type contentPicture struct {
	URL    string `json:"url"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

type contentFrame struct {
	Source string `json:"src,omitempty"` // of plain links
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type contentWindow struct {
	Name string `json:"targetName"`
}

// response is the answer, without its signature.
func (p Picking) response(items []Item, now time.Time) deepLinkResponse {
	answer := deepLinkResponse{
		Issuer: p.Platform.ClientID, Audience: p.Platform.Issuer, Issued: now.Unix(), Expires: now.Add(responseLife).Unix(), Nonce: rand.Text(), ID: rand.Text(),
		Deployment: p.Platform.Deployment, Message: "LtiDeepLinkingResponse", Version: "1.3.0", Data: p.Settings.Data, Items: []contentItem{},
	}
	for _, item := range items {
		answer.Items = append(answer.Items, item.content(p.Type()))
	}
	return answer
}

func (i Item) content(kind string) contentItem {
	c := contentItem{Type: kind, URL: i.URL, Title: i.Title, Text: i.Text}
	if i.Thumbnail != nil {
		c.Thumbnail = &contentPicture{i.Thumbnail.URL, i.Thumbnail.Width, i.Thumbnail.Height}
	}
	if kind == TypeResourceLink {
		// Platforms that always launch the same address tell by these what was chosen.
		c.Custom = map[string]string{"event": i.Event, "view": i.View}
		if i.Start > 0 {
			c.Custom["t"] = strconv.Itoa(int(i.Start / time.Second))
		}
	}
	switch i.Target {
	case TargetFrame:
		c.Frame = &contentFrame{Width: frameWidth, Height: frameHeight}
		if kind == TypeLink {
			c.Frame.Source = i.URL
		}
	case TargetWindow:
		c.Window = &contentWindow{"_blank"}
	}
	return c
}
