package views

import (
	"net/url"
	"time"
)

// SeriesListPage is "/series". POST /series with the field title makes a new one (303 to it, or the page with NewError).
type SeriesListPage struct {
	Page      Page
	Query     string
	Rows      []SeriesRow
	Next      string // cursor of the page after this one; empty: there is none
	MayCreate bool
	NewTitle  string // what was typed and refused
	NewError  string // the rule it broke, one sentence
}

// SeriesRow is one series in the list.
type SeriesRow struct {
	ID         string
	Title      string
	Creators   []string
	Recordings int
	Modified   time.Time
	Picture    string // of its newest recording; empty: none
}

// SeriesPage is "/series/{id}".
type SeriesPage struct {
	Page      Page
	ID        string
	Title     string
	Creators  []string
	MayEdit   bool
	MayUpload bool
	Details   Details // OfSeries
	ACL       ACL     // ForNew
	List      RecordingList
	Count     int // recordings in it
}

func (p SeriesListPage) more() string {
	q := url.Values{"cursor": {p.Next}}
	if p.Query != "" {
		q.Set("q", p.Query)
	}
	return "/series?" + q.Encode()
}

func (p SeriesPage) layout() Page {
	page := p.Page.with(p.Title, "series")
	page.Scripts = append(page.Scripts, "js/progress.js")
	if p.MayUpload {
		page.Scripts = append(page.Scripts, "js/upload.js")
	}
	return page
}
