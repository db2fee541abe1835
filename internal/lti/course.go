package lti

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// CourseRole is a role that a course of a learning platform gives, told for people: Instructor of Biology 101.
type CourseRole struct {
	Role   string // as access lists have it: <prefix><context>_<Kind>
	Course string // title of the course; its id where the platform told none
	Kind   string // Instructor, Learner, TeachingAssistant, ...: the last part of the platform's role
}

// courseKinds are the roles that every course is taken to have, whoever came from it so far.
var courseKinds = []string{"Instructor", "Learner"}

type courseRow struct {
	Prefix, Context, Title string
	Roles                  []string // ours, that were seen
}

// kinds gives the course's own roles: those that every course has, and what else was seen of it.
func (c courseRow) kinds() []CourseRole {
	prefix := c.roleOf("")
	kinds := slices.Clone(courseKinds)
	for _, seen := range c.Roles {
		if kind, own := strings.CutPrefix(seen, prefix); own && kind != "" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	all := make([]CourseRole, len(kinds))
	for i, kind := range kinds {
		all[i] = CourseRole{Role: prefix + kind, Course: c.name(), Kind: kind}
	}
	return all
}

func (c courseRow) name() string {
	if c.Title == "" {
		return c.Context
	}
	return c.Title
}

// roleOf is the role that the course gives for a role of the platform: <prefix><context>_<Kind>. Bytes that no label has are
// escaped as in URLs.
func (c courseRow) roleOf(kind string) string { return c.Prefix + labelOf(c.Context) + "_" + kind }

func labelOf(context string) string {
	var b strings.Builder
	for _, c := range []byte(context) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~!*:@,;", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

const courseColumns = "p.role_prefix, c.context, c.title, c.roles from lti_course c join lti_platform p on p.id = c.platform_id and p.status = 'active'"

// FindCourses finds roles of courses whose title or id has the text in it, for who may share recordings with them: at most
// limit, those first whose title begins with it.
func (s *Store) FindCourses(ctx context.Context, who user.Who, text string, limit int) ([]CourseRole, error) {
	if !who.MayCreate() {
		return nil, fault.Denied()
	}
	limit = min(max(limit, 1), 100)
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(text))
	rows, err := s.courses(ctx, who, "select "+courseColumns+` where c.title ilike '%' || $1 || '%' or c.context ilike '%' || $1 || '%'
		order by c.title ilike $1 || '%' desc, c.title, c.context, c.platform_id limit $2`, like, limit)
	if err != nil {
		return nil, err
	}
	var all []CourseRole
	for _, c := range rows {
		all = append(all, c.kinds()...)
	}
	return all[:min(limit, len(all))], nil
}

// CourseRoles gives those of the roles that courses give, by role. Whoever sees an access list may know what its roles are.
func (s *Store) CourseRoles(ctx context.Context, who user.Who, roles []string) (map[string]CourseRole, error) {
	found := map[string]CourseRole{}
	if len(roles) == 0 {
		return found, nil
	}
	// A context that is a label stands in the role as it is; others are few, and escaped.
	rows, err := s.courses(ctx, who, "select "+courseColumns+` where c.context !~ '^[A-Za-z0-9._~!*:@,;-]+$'
		or exists (select 1 from unnest($1::text[]) r where starts_with(r, p.role_prefix || c.context || '_'))`, roles)
	for _, c := range rows {
		for _, role := range roles {
			// No kind has an underscore: else the course "1" would take the roles of the course "1_2".
			if kind, own := strings.CutPrefix(role, c.roleOf("")); own && kind != "" && !strings.Contains(kind, "_") {
				found[role] = CourseRole{Role: role, Course: c.name(), Kind: kind}
			}
		}
	}
	return found, err
}

func (s *Store) courses(ctx context.Context, who user.Who, sql string, args ...any) ([]courseRow, error) {
	var all []courseRow
	err := s.DB.Read(ctx, who.Tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[courseRow])
		return err
	})
	return all, err
}
