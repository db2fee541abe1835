package institution

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// claims are what a provider says about somebody: of the ID token, and of user info below it.
type claims map[string]any

// find gives a claim by its name, or by a path with dots into objects. A claim whose own name has dots, as an address does,
// comes first.
func (c claims) find(path string) (any, bool) {
	if value, there := c[path]; there {
		return value, value != nil
	}
	var at any = map[string]any(c)
	for part := range strings.SplitSeq(path, ".") {
		object, _ := at.(map[string]any)
		next, there := object[part]
		if !there {
			return nil, false
		}
		at = next
	}
	return at, at != nil
}

func (c claims) text(path string) string {
	value, _ := c.find(path)
	text, _ := value.(string)
	return strings.TrimSpace(text)
}

// texts gives a claim that is one text or a list of them; whatever else stands in a list is passed over.
func (c claims) texts(path string) []string {
	value, _ := c.find(path)
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		all := make([]string, 0, len(value))
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}

// under lays claims below these: what is said here stays.
func (c claims) under(more claims) {
	for name, value := range more {
		if _, there := c[name]; !there {
			c[name] = value
		}
	}
}

// complete says whether nothing is missing that a provider's user info could tell.
func (p Provider) complete(c claims) bool {
	_, groups := c.find(p.GroupClaim)
	return c.text(p.NameClaim) != "" && c.display() != "" && (groups || len(p.GroupRoles) == 0)
}

// display is the name that others see.
func (c claims) display() string {
	if name := c.text("name"); name != "" {
		return name
	}
	return strings.TrimSpace(c.text("given_name") + " " + c.text("family_name"))
}

// userName makes a user name of a claim: letters lose their accents, other signs become hyphens. "" when nothing is left.
func userName(claim string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(claim) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._~!*:@,;-", r):
			b.WriteRune(r)
		case r < 0x300 || r > 0x36f: // not an accent
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	return name[:min(len(name), 128)]
}
