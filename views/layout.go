package views

import (
	"context"
	"strconv"
)

// htmxConfig keeps htmx from writing styles of its own and from looking for scripts in what it swaps.
const htmxConfig = `{"includeIndicatorCSS":false,"history":true,"defaultTimeout":30000}`

// Crumb is a link in the line over a page's title.
type Crumb struct{ Href, Text string }

func (p Page) lang(ctx context.Context) string {
	if p.Lang != "" {
		return p.Lang
	}
	return Lang(ctx)
}

func (p Page) documentTitle(ctx context.Context) string {
	if p.Title == "" {
		return "Cutroom"
	}
	return p.Title + " · Cutroom"
}

func (p Page) styles() []string {
	return append([]string{"css/tokens.css", "css/base.css", "css/components.css", "css/pages.css"}, p.Styles...)
}

func (p Page) scripts() []string {
	return append([]string{"js/page.js"}, p.Scripts...)
}

func (p Page) back() string {
	if p.Path == "" {
		return "/"
	}
	return p.Path
}

func (p Page) userLabel(ctx context.Context) string {
	if p.Framed || p.Who.ID == "" {
		return T(ctx, "nav.more")
	}
	return T(ctx, "nav.user", "Name", p.Who.Name)
}

func (p Page) whoText(ctx context.Context) string {
	switch {
	case p.Host == "":
		return p.Who.Name
	case p.Framed:
		return p.Who.Name + ", " + p.Host
	}
	return p.Host
}

func iconURL(name string) string { return Asset("icons/icons.svg") + "#" + name }

func seconds(n int) string { return strconv.Itoa(n) }

// with gives the page a title unless it has one, and its place in the banner.
func (p Page) with(title, nav string) Page {
	if p.Title == "" {
		p.Title = title
	}
	if p.Nav == "" {
		p.Nav = nav
	}
	p.Scripts = append([]string(nil), p.Scripts...)
	return p
}

// number writes a plain number, as addresses and attributes hold it.
func number(n int) string { return strconv.Itoa(n) }
