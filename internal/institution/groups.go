package institution

import (
	"maps"
	"slices"
	"strings"

	"cutroom/internal/fault"
)

// ParseGroups reads what is typed about groups: one a line, "group = role, role". The last sign of equality counts, so that
// a group may be a distinguished name. Empty lines are passed over; a group that stands twice has the roles of both.
func ParseGroups(typed string) (map[string][]string, error) {
	groups := map[string][]string{}
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		at := strings.LastIndex(line, "=")
		group := strings.TrimSpace(line[:max(at, 0)])
		var roles []string
		for role := range strings.SplitSeq(line[at+1:], ",") {
			if role = strings.TrimSpace(role); role != "" {
				roles = append(roles, role)
			}
		}
		if at < 0 || group == "" || len(roles) == 0 {
			return nil, refuse([]fault.Field{{Path: "/groupRoles", Rule: "GroupLines", Message: "Use at most 1,000 lines, each as: group = role, role."}})
		}
		for _, role := range roles {
			if !slices.Contains(groups[group], role) {
				groups[group] = append(groups[group], role)
			}
		}
	}
	return groups, refuse(checkGroups(groups))
}

// FormatGroups writes groups as ParseGroups reads them, in order.
func FormatGroups(groups map[string][]string) string {
	var b strings.Builder
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		b.WriteString(group + " = " + strings.Join(groups[group], ", ") + "\n")
	}
	return b.String()
}

// ranks are the words that lift a person's own role, the highest first. Everybody is a viewer.
var ranks = []string{"admin", "editor"}

// given are the roles and the rank that somebody's groups give.
func (p Provider) given(groups []string) (roles []string, rank string) {
	best := len(ranks)
	for _, group := range groups {
		for _, role := range p.GroupRoles[group] {
			if i := slices.Index(ranks, role); i >= 0 {
				best = min(best, i)
			} else if role != "viewer" && !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	if best < len(ranks) {
		rank = ranks[best]
	}
	return roles, rank
}
