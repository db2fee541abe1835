package event

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// order is something to sort by: SQL that is never null, and the type that a cursor's value is read as.
type order struct {
	by, kind string
}

// sorting is an order with its direction.
type sorting struct {
	order
	name string
	down bool
}

// place is where a page ended: the sort, the last key and the last id. A cursor is one, in base64.
type place struct {
	Sort string `json:"s"`
	Key  string `json:"k"`
	ID   string `json:"i"`
}

func sortOf(text, standard string, known map[string]order) (sorting, error) {
	if text == "" {
		text = standard
	}
	name, down := strings.CutPrefix(text, "-")
	by, ok := known[name]
	if !ok {
		return sorting{}, parameter("sort", "Sort", "This cannot be sorted by.")
	}
	return sorting{by, text, down}, nil
}

func (s sorting) orderBy() string {
	way := "asc"
	if s.down {
		way = "desc"
	}
	return fmt.Sprintf(` order by %s %s, e.id %s`, s.by, way, way)
}

// after leaves out what came on the pages before.
func (s sorting) after(c *conditions, cursor string) error {
	if cursor == "" {
		return nil
	}
	p, ok := s.read(cursor)
	if !ok {
		return parameter("cursor", "Cursor", "Use the next of the page before, with the same sort.")
	}
	sign := ">"
	if s.down {
		sign = "<"
	}
	kind, collation, _ := strings.Cut(s.kind, " ")
	c.add(`(%s, e.id) %s (%s::%s %s, %s)`, s.by, sign, c.arg(p.Key), kind, collation, c.arg(p.ID))
	return nil
}

// read takes a cursor apart; false when it is none of this sort.
func (s sorting) read(cursor string) (place, bool) {
	var p place
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Sort != s.name || !cleanText(p.Key) || !labelForm.MatchString(p.ID) {
		return place{}, false
	}
	if s.kind == "timestamptz" && p.Key != "infinity" && p.Key != "-infinity" {
		_, err = time.Parse(time.RFC3339Nano, p.Key)
	}
	return p, err == nil
}

// cursor names the place after a row. Its key is read exactly as it is sorted.
func (s sorting) cursor(ctx context.Context, tx pgx.Tx, table, id string) (string, error) {
	p := place{Sort: s.name, ID: id}
	key := s.by + "::text"
	if s.kind == "timestamptz" {
		key = "to_json(" + s.by + ")#>>'{}'"
	}
	if err := tx.QueryRow(ctx, "select "+key+" from "+table+" e where e.id = $1", id).Scan(&p.Key); err != nil {
		return "", err
	}
	raw, err := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(raw), err
}
