package institution

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

var (
	idForm    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
	scopeForm = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]{1,128}$`) // RFC 6749, 3.3
)

// wellKnown is where descriptions stand; people paste it as the issuer.
const wellKnown = "/.well-known/openid-configuration"

func (n *NewProvider) fill() {
	n.Name, n.ClientID = strings.TrimSpace(n.Name), strings.TrimSpace(n.ClientID)
	n.Issuer = issuerIn(n.Issuer)
	if n.Scopes == nil {
		n.Scopes = []string{"profile", "email"}
	}
	if n.NameClaim = strings.TrimSpace(n.NameClaim); n.NameClaim == "" {
		n.NameClaim = "preferred_username"
	}
	if n.GroupClaim = strings.TrimSpace(n.GroupClaim); n.GroupClaim == "" {
		n.GroupClaim = "groups"
	}
	if n.GroupRoles == nil {
		n.GroupRoles = map[string][]string{}
	}
}

func issuerIn(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), wellKnown) }

func (n NewProvider) check() error {
	var wrong []fault.Field
	if !idForm.MatchString(string(n.ID)) {
		wrong = append(wrong, fault.Field{Path: "/id", Rule: "ProviderID", Message: "Use up to 32 lower-case letters, digits and hyphens."})
	}
	if _, ok := address(n.Issuer); !ok || len(n.Issuer) > 1024 || strings.Contains(n.Issuer, "?") {
		wrong = append(wrong, fault.Field{Path: "/issuer", Rule: "Issuer", Message: "Use the provider's issuer address; it begins with https."})
	}
	wrong = append(wrong, checkParts(n.Name, n.ClientID, n.NameClaim, n.GroupClaim)...)
	return refuse(append(append(wrong, checkSecret(n.Secret)...), append(checkScopes(n.Scopes), checkGroups(n.GroupRoles)...)...))
}

func refuse(wrong []fault.Field) error {
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "error.provider", "This provider cannot be kept like this. "+wrong[0].Message).WithFields(wrong...)
}

func checkParts(name, client, nameClaim, groupClaim string) (wrong []fault.Field) {
	for _, part := range []struct {
		path, value string
		most        int
	}{{"/name", name, 200}, {"/clientId", client, 512}, {"/nameClaim", nameClaim, 256}, {"/groupClaim", groupClaim, 256}} {
		if !text(part.value, part.most) {
			wrong = append(wrong, fault.Field{Path: part.path, Rule: "ShortText", Message: "This may not be empty, and may not be so long."})
		}
	}
	return wrong
}

func checkSecret(secret string) []fault.Field {
	if secret == "" || text(secret, 1024) {
		return nil
	}
	return []fault.Field{{Path: "/secret", Rule: "ClientSecret", Message: "A client secret has up to 1,024 bytes of text."}}
}

func checkScopes(scopes []string) []fault.Field {
	for _, scope := range scopes {
		if !scopeForm.MatchString(scope) || len(scopes) > 32 {
			return []fault.Field{{Path: "/scopes", Rule: "ScopeList", Message: "Use up to 32 scopes with blanks between, as profile email groups."}}
		}
	}
	return nil
}

// checkGroups lets no group give what we alone give.
func checkGroups(groups map[string][]string) []fault.Field {
	field := func(rule, message string) []fault.Field {
		return []fault.Field{{Path: "/groupRoles", Rule: rule, Message: message}}
	}
	if len(groups) > 1000 {
		return field("GroupLines", "Use at most 1,000 lines, each as: group = role, role.")
	}
	for group, roles := range groups {
		if !text(group, 1024) || len(roles) == 0 || len(roles) > 100 {
			return field("GroupLines", "Use at most 1,000 lines, each as: group = role, role.")
		}
		for _, role := range roles {
			switch {
			case !text(role, 256):
				return field("GroupLines", "Use at most 1,000 lines, each as: group = role, role.")
			case role == user.RoleAdmin || strings.HasPrefix(role, user.OwnRole("")):
				return field("GroupOwnRole", "No group gives ROLE_ADMIN or somebody's own role. Write admin to make people administrators.")
			}
		}
	}
	return nil
}

// text says whether a value can be kept: something to see, no control characters, at most so many bytes.
func text(value string, most int) bool {
	return strings.TrimSpace(value) != "" && len(value) <= most && utf8.ValidString(value) && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// scopesFor are the scopes that are asked for: openid first, each once.
func (p Provider) scopesFor() []string {
	all := []string{"openid"}
	for _, scope := range p.Scopes {
		if !slices.Contains(all, scope) {
			all = append(all, scope)
		}
	}
	return all
}
