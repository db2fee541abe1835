package lti

import (
	"crypto/hmac"
	"crypto/sha1" // OAuth 1.0 names it; learning platforms sign with nothing else
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/url"
	"slices"
	"strings"
)

// hmacOf are the signature methods that are taken (RFC 5849, 3.4.2; HMAC-SHA256 by the same rule).
var hmacOf = map[string]func() hash.Hash{"HMAC-SHA1": sha1.New, "HMAC-SHA256": sha256.New}

// signature signs a request as RFC 5849 says in 3.4: with the client's secret, and that of a token, which LTI never has.
// address is the absolute URL that was asked for, query included; form is the body, oauth_* included. Parameters that come
// twice count twice.
func signature(method string, address *url.URL, form url.Values, secret, tokenSecret string) (string, error) {
	base, err := signatureBase(method, address, form)
	if err != nil {
		return "", err
	}
	newHash := hmacOf[form.Get("oauth_signature_method")]
	if newHash == nil {
		return "", wrongMethod(form.Get("oauth_signature_method"))
	}
	mac := hmac.New(newHash, []byte(percent(secret)+"&"+percent(tokenSecret)))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// signatureBase is the text that is signed (RFC 5849, 3.4.1).
func signatureBase(method string, address *url.URL, form url.Values) (string, error) {
	query, err := url.ParseQuery(address.RawQuery)
	if err != nil {
		return "", unreadable(err)
	}
	var pairs []string
	for _, values := range []url.Values{query, form} {
		for name, list := range values {
			if name == "oauth_signature" {
				continue
			}
			for _, value := range list {
				// Sorted by name, then by value. A zero byte ends the name: it is in no encoded text, and the name "a" comes before "a-".
				pairs = append(pairs, percent(name)+"\x00"+percent(value))
			}
		}
	}
	slices.Sort(pairs)
	joined := strings.ReplaceAll(strings.Join(pairs, "&"), "\x00", "=")
	return strings.ToUpper(method) + "&" + percent(baseAddress(address)) + "&" + percent(joined), nil
}

// baseAddress is the URL without query, its scheme and host in lower case, without the scheme's own port (RFC 5849, 3.4.1.2).
func baseAddress(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return scheme + "://" + host + path
}

const hexDigits = "0123456789ABCDEF"

// percent encodes all but unreserved signs (RFC 5849, 3.6), which is stricter than what Go does for queries.
func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}
