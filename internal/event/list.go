package event

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// The bounds of a page of a list.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Query asks for a page of events.
type Query struct {
	Q      string   // words, all of which have to begin a word of title, description, creators or series
	Series SeriesID // "" for any
	State  State    // "" for any
	Filter []string // name:value each, all of which have to hold; names: series, state, owner, createdBy, creator, language
	Sort   string   // created, modified, title, startTime; with - the other way round; default -created
	Limit  int      // 1 to MaxLimit; 0 is DefaultLimit
	Cursor string   // of the page before
	Work   Work     // what is to do
	Bin    bool     // what lies in the bin, for those who may write it
}

// Page is a part of a list. Next is "" on the last page.
type Page struct {
	Items []Event
	Next  string
}

// sorts gives the SQL of what events are sorted by, never null, and the type of its value.
var sorts = map[string]order{
	"created":   {"e.created", "timestamptz"},
	"modified":  {"e.modified", "timestamptz"},
	"startTime": {"coalesce(e.start_time, '-infinity')", "timestamptz"},
	"title":     {`lower(e.title) collate "C"`, `text collate "C"`},
}

// List gives a page of the events that who may read; unlisted ones only to those who may write them. Pages follow the keys
// of the sort, so an event that stays where it is comes exactly once, whatever others write meanwhile. Unknown filters,
// sorts and cursors are fault.Invalid.
func (s *Store) List(ctx context.Context, who user.Who, q Query) (Page, error) {
	limit, err := limitOf(q.Limit)
	if err != nil {
		return Page{}, err
	}
	where, err := q.where(who)
	if err != nil {
		return Page{}, err
	}
	sort, err := sortOf(q.Sort, "-created", sorts)
	if err != nil {
		return Page{}, err
	}
	if err := sort.after(where, q.Cursor); err != nil {
		return Page{}, err
	}
	query := `select ` + eventColumns + `, ` + mayWrite + ` from event e where ` + where.sql() + sort.orderBy() + fmt.Sprintf(" limit %d", limit+1)
	var page Page
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) (err error) {
		page.Items, err = selectTx(ctx, tx, query, where.args...)
		if err == nil && len(page.Items) > limit {
			page.Items = page.Items[:limit]
			page.Next, err = sort.cursor(ctx, tx, "event", string(page.Items[limit-1].ID))
		}
		return err
	})
	return page, err
}

// Counts tells how many of the events that a query finds (its State and Series aside) are in each state, and in all.
func (s *Store) Counts(ctx context.Context, who user.Who, q Query) (map[State]int, error) {
	q.State = ""
	where, err := q.where(who)
	if err != nil {
		return nil, err
	}
	counts := map[State]int{Empty: 0, Processing: 0, Ready: 0, Failed: 0}
	err = s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select e.state, count(*) from event e where "+where.sql()+" group by e.state", where.args...)
		if err != nil {
			return err
		}
		var state State
		var n int
		_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { counts[state] = n; return nil })
		return err
	})
	return counts, err
}

// conditions are the parts of a where clause with their arguments.
type conditions struct {
	parts []string
	args  []any
}

// arg adds an argument and gives its name.
func (c *conditions) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *conditions) add(format string, names ...any) {
	c.parts = append(c.parts, fmt.Sprintf(format, names...))
}

func (c *conditions) sql() string { return strings.Join(c.parts, " and ") }

// where starts from who asks.
func (q Query) where(who user.Who) (*conditions, error) {
	c := &conditions{args: []any{who.Admin(), who.Roles}}
	switch {
	case q.Bin:
		c.parts = []string{"e.deleted_at is not null", mayWrite}
	case who.Admin():
		c.parts = []string{"e.deleted_at is null", "$1::boolean and $2::text[] is not null"}
	default: // as a join that Postgres may begin with: many events, few of them one's own
		c.parts = []string{"e.deleted_at is null", "not $1::boolean",
			"e.id in (select r.event_id from event_acl r where r.role = any($2) and r.action in ('read', 'write'))",
			`(e.extra_metadata -> 'ocx:listed' is distinct from 'false' or ` + mayWrite + `)`}
	}
	if q.Series != "" {
		c.add("e.series_id = %s", c.arg(q.Series))
	}
	if q.Work != AnyWork {
		sql, known := workSQL[q.Work]
		if !known {
			sql = "false"
		}
		c.add("%s", sql)
	}
	if q.State != "" {
		c.add("e.state = %s", c.arg(q.State))
	}
	for _, f := range q.Filter {
		if err := c.filter(f); err != nil {
			return nil, err
		}
	}
	if words := Words(q.Q); len(words) > 0 {
		c.add("e.id in (select w.event_id from event_words w where w.words @@ to_tsquery('simple', %s))", c.arg(strings.Join(words, ":* & ")+":*"))
	}
	return c, nil
}

var filters = map[string]string{
	"series": "e.series_id = %s", "state": "e.state = %s", "owner": "e.owner = %s", "createdBy": "e.created_by = %s",
	"creator": "%s = any(e.creators)", "language": "e.language = %s",
}

func (c *conditions) filter(text string) error {
	name, value, found := strings.Cut(text, ":")
	condition, known := filters[name]
	if !found || !known {
		return parameter("filter", "Filter", "Use name:value with one of the names series, state, owner, createdBy, creator and language.")
	}
	if !cleanText(value) {
		return parameter("filter", "Filter", "Has signs that no text can have.")
	}
	c.add(condition, c.arg(value))
	return nil
}

// Words takes a search text apart: what is no letter, digit or mark stands between words. Lower case, at most 20.
func Words(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	return words[:min(len(words), 20)]
}

func limitOf(limit int) (int, error) {
	switch {
	case limit == 0:
		return DefaultLimit, nil
	case limit < 1 || limit > MaxLimit:
		return 0, parameter("limit", "Limit", fmt.Sprintf("Use a number from 1 to %d.", MaxLimit))
	}
	return limit, nil
}

// parameter refuses a parameter of a request.
func parameter(name, rule, message string) error {
	return fault.New(fault.Invalid, "error.parameter", name+": "+message).WithFields(fault.Field{Path: "/" + name, Rule: rule, Message: message})
}
