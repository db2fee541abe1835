package lti

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// MostItems is how many links one answer may hold.
const MostItems = 100

// Kinds of links that a course takes (Deep Linking 2.0, 3.1), and where it shows what it links to (3.2).
const (
	TypeResourceLink = "ltiResourceLink"
	TypeLink         = "link"
	TargetFrame      = "iframe"
	TargetWindow     = "window"
)

// Picking is a course that waits for somebody's choice of recordings: one deep linking launch of one person.
type Picking struct {
	Launch   string
	Platform Platform
	Course   string // its title; "" outside of courses
	Settings DeepLinkSettings
}

// Type is what the course gets: resource links, which are launches, where it takes them; else plain links; "" when it takes neither.
func (p Picking) Type() string {
	for _, kind := range []string{TypeResourceLink, TypeLink} {
		if slices.Contains(p.Settings.Types, kind) {
			return kind
		}
	}
	return ""
}

// Targets are the places that the course can show a link in, of those that there is something to say about.
func (p Picking) Targets() []string {
	var all []string
	for _, target := range []string{TargetFrame, TargetWindow} {
		if slices.Contains(p.Settings.Targets, target) {
			all = append(all, target)
		}
	}
	return all
}

// ReturnOrigin is where the answer goes, as policies name it.
func (p Picking) ReturnOrigin() string { return Origin(p.Settings.ReturnURL) }

// Pick gives the choice that a launch of this person waits for. Faults: NotFound when there is none or it is somebody else's,
// Conflict when it has ended or was answered.
func (s *Store) Pick(ctx context.Context, who user.Who, launch string) (Picking, error) {
	var p Picking
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		p, err = pickTx(ctx, tx, who, launch, "")
		return err
	})
	return p, err
}

func pickTx(ctx context.Context, tx pgx.Tx, who user.Who, launch, lock string) (Picking, error) {
	p := Picking{Launch: launch}
	var platform string
	var ended, answered bool
	err := tx.QueryRow(ctx, `select platform_id, title, deep_link, expires_at <= now(), answered_at is not null
		from lti_launch where id = $1 and user_name = $2 and deep_link is not null `+lock, launch, who.User).
		Scan(&platform, &p.Course, &p.Settings, &ended, &answered)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, fault.New(fault.NotFound, "error.lti-pick-none", "This choice is not there any more, or is not yours. Go back to your course and begin it again.")
	case err != nil:
		return p, err
	case answered:
		return p, fault.New(fault.Conflict, "error.lti-pick-answered", "This choice was sent to your course already. To add more, go back to your course and begin again.")
	case ended:
		return p, fault.New(fault.Conflict, "error.lti-pick-ended", "This choice was open for too long. Go back to your course and begin it again.")
	}
	if p.Platform, err = platformTx(ctx, tx, PlatformID(platform), ""); err != nil {
		return p, err
	}
	if p.Platform.Status != Active {
		return p, fault.New(fault.Forbidden, "error.lti-pick-platform", "This learning platform may not open Cutroom any more. Ask an administrator.")
	}
	return p, p.checkReturn()
}

// checkReturn refuses to send an answer, which proves that we wrote it, to a place that is not the platform's.
func (p Picking) checkReturn() error {
	origin := p.ReturnOrigin()
	if origin != "" && slices.Contains(p.Platform.origins(), origin) {
		return nil
	}
	return fault.New(fault.Forbidden, "error.lti-pick-return", "The learning platform wants the choice to be sent to an address that is not its own. Ask an administrator to add that address to the platform's frame origins.").
		WithCause(fmt.Errorf("return URL %q of platform %s", p.Settings.ReturnURL, p.Platform.ID))
}

// origins are all that are known to be the platform's.
func (p Platform) origins() []string {
	var all []string
	for _, text := range append([]string{p.Issuer, p.AuthURL}, p.FrameOrigins...) {
		if origin := Origin(text); origin != "" {
			all = append(all, origin)
		}
	}
	return all
}

// Item is a link to a recording that goes into a course.
type Item struct {
	Event     string
	View      string // watch, edit
	Start     time.Duration
	URL       string // whole
	Title     string
	Text      string   // plain; "" is left out
	Thumbnail *Picture // nil: none that everybody may see
	Target    string   // TargetFrame, TargetWindow; "": the platform decides
}

// Picture is an image that everybody may see.
type Picture struct {
	URL           string
	Width, Height int // px; 0: not known
}

// Answer ends a choice: it gives the message for the platform, signed, and where a browser has to post it as JWT. No items: nothing
// was chosen. A launch is answered once.
func (s *Store) Answer(ctx context.Context, who user.Who, launch string, items []Item) (returnURL, jwt string, err error) {
	signer, err := s.signer(ctx, who.Tenant)
	if err != nil {
		return "", "", err
	}
	err = s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		p, err := pickTx(ctx, tx, who, launch, "for update")
		if err != nil {
			return err
		}
		if err := p.checkItems(items); err != nil {
			return err
		}
		returnURL = p.Settings.ReturnURL
		if jwt, err = signed(signer, p.response(items, time.Now())); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update lti_launch set answered_at = now() where id = $1", launch); err != nil {
			return err
		}
		events := make([]string, len(items))
		for i, item := range items {
			events[i] = item.Event
		}
		return user.AuditTx(ctx, tx, who, "lti.deep-link", string(p.Platform.ID), map[string]any{"launch": launch, "events": events})
	})
	return returnURL, jwt, err
}

func (p Picking) checkItems(items []Item) error {
	switch {
	case len(items) == 0: // also where the course takes nothing of ours
		return nil
	case p.Type() == "":
		return fault.New(fault.Conflict, "error.lti-pick-type", "Your course takes no links here. Go back and choose another kind of content.")
	case len(items) > 1 && !p.Settings.Multiple:
		return fault.New(fault.Invalid, "error.lti-pick-one", "Your course takes one recording at a time.")
	case len(items) > MostItems:
		return fault.Newf(fault.Invalid, "error.lti-pick-many", "Choose up to %d recordings at a time.", MostItems).With(map[string]any{"Most": MostItems})
	}
	return nil
}
