package lti

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"cutroom/internal/fault"
)

// Limits of a registration's texts, in bytes.
const (
	mostURL    = 2048
	mostID     = 255 // client, deployment (LTI 1.3, 5.3.3), consumer key
	mostName   = 255
	mostPrefix = 64
	mostFrames = 20
	mostMapped = 100
)

// Loopback says whether a host name or address is this computer's own: there alone http will do.
func Loopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}

// Origin gives scheme, host and port of a URL as browsers compare them, "" for what has none that a policy can name.
func Origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if ip, isIP := netip.ParseAddr(u.Hostname()); isIP == nil && ip.Is4() {
		host, err = ip.String(), nil
	}
	if err != nil || !plainHost.MatchString(host) {
		return ""
	}
	origin := u.Scheme + "://" + strings.ToLower(host)
	if port := u.Port(); port != "" && !(u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80") {
		origin += ":" + port
	}
	return origin
}

// plainHost is a host that can stand in a Content-Security-Policy: it has no sign that could end or add a source there.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9._~!*:@;-]*$`)

// wrongs collects what is wrong with a registration, field by field.
type wrongs []fault.Field

func (w *wrongs) add(path, rule, message string) {
	*w = append(*w, wrongField(path, rule, message))
}

// fault gives nil when nothing is wrong.
func (w wrongs) fault() error {
	if len(w) == 0 {
		return nil
	}
	said := make([]string, len(w))
	for i, f := range w {
		said[i] = strings.TrimPrefix(f.Path, "/") + ": " + f.Message
	}
	return fault.New(fault.Invalid, "error.lti-platform", strings.Join(said, " ")).WithFields(w...)
}

// address takes a URL that is asked or shown to people: https, or http on loopback; nothing that hides a name and password.
func (w *wrongs) address(path, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		w.add(path, "LTIURLMissing", "Copy this address from the learning platform; it is needed.")
	case err != nil || len(text) > mostURL || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" || Origin(text) == "" && !ipv6(u):
		w.add(path, "LTIURL", "Write a whole address such as https://lms.example.edu/path, without a name, a password and a # part.")
	case u.Scheme == "http" && !Loopback(u.Hostname()):
		w.add(path, "LTIHTTPS", "The address has to begin with https:// (http:// is for this computer itself alone).")
	}
}

func ipv6(u *url.URL) bool { return net.ParseIP(u.Hostname()) != nil }

// text takes an identifier or a name: visible, of one line, up to most bytes.
func (w *wrongs) text(path, text string, most int) {
	switch {
	case text == "":
		w.add(path, "LTIMissing", "Copy this from the learning platform; it is needed.")
	case len(text) > most || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimFunc(text, unicode.IsSpace) != text:
		w.add(path, "LTIText", "Use up to 255 bytes of text in one line.")
	}
}

func (w *wrongs) prefix(prefix string) {
	switch {
	case len(prefix) > mostPrefix || !prefixForm.MatchString(prefix):
		w.add("/rolePrefix", "LTIPrefix", "Use up to 64 ASCII letters, digits and -._~!*:@; for the prefix.")
	case isSystemRole(prefix):
		w.add("/rolePrefix", "LTIPrefixReserved", "Roles that begin with ROLE_ are Cutroom's own: choose another prefix.")
	}
}

func isSystemRole(role string) bool {
	return len(role) >= 5 && strings.EqualFold(role[:5], "ROLE_")
}

// frames makes origins of what was given, each once.
func (w *wrongs) frames(given []string) []string {
	origins := []string{}
	if len(given) > mostFrames {
		w.add("/frameOrigins", "LTIFrames", "Give up to 20 origins.")
		return origins
	}
	for _, text := range given {
		text = strings.TrimSpace(text)
		u, err := url.Parse(text)
		origin := Origin(text)
		switch {
		case err != nil || origin == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
			w.add("/frameOrigins", "LTIFrameOrigin", shown(text)+": An origin is https:// and a host name, such as https://lms.example.edu, without a path.")
		case u.Scheme == "http" && !Loopback(u.Hostname()):
			w.add("/frameOrigins", "LTIFrameHTTPS", shown(text)+": An origin has to begin with https:// (http:// is for this computer itself alone).")
		default:
			origins = appendNew(origins, origin)
		}
	}
	return origins
}

// roleMap takes roles of the platform, each with the roles of ours that it gives too.
func (w *wrongs) roleMap(given map[string][]string) map[string][]string {
	taken := map[string][]string{}
	if len(given) > mostMapped {
		w.add("/roleMap", "LTIRoleMap", "Map up to 100 roles.")
		return taken
	}
	for theirs, ours := range given {
		if theirs == "" || len(theirs) > 1024 || !utf8.ValidString(theirs) || len(ours) == 0 || len(ours) > 20 {
			w.add("/roleMap", "LTIRoleMapLine", shown(theirs)+": Write the platform's role, then =, then one to twenty roles of yours.")
			continue
		}
		for _, role := range ours {
			switch {
			case isSystemRole(role):
				w.add("/roleMap", "LTIRoleMapReserved", shown(role)+": Roles that begin with ROLE_ are Cutroom's own and cannot be given by a learning platform.")
			case role == "" || len(role) > 255 || !utf8.ValidString(role) || strings.ContainsFunc(role, unicode.IsControl) || strings.TrimFunc(role, unicode.IsSpace) != role:
				w.add("/roleMap", "LTIRoleMapRole", shown(role)+": A role is up to 255 bytes of text in one line.")
			default:
				taken[theirs] = appendNew(taken[theirs], role)
			}
		}
	}
	return taken
}

func appendNew(list []string, text string) []string {
	for _, have := range list {
		if have == text {
			return list
		}
	}
	return append(list, text)
}

// shown is a text of somebody else as an error quotes it.
func shown(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:80]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
