package views

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var idOrPlace = regexp.MustCompile(`^[a-z]+\.[a-zA-Z0-9]+$|<no value>`)

// checkHTML refuses what no page may have: inline styles and scripts, doubled ids, controls without a name, links to
// labels that are not there, text ids instead of texts.
func checkHTML(t *testing.T, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	labelled := map[string]bool{}
	walk(root, func(n *html.Node) {
		if id := attr(n, "id"); id != "" && n.Data != "pattern" {
			ids[id]++
		}
		if n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
	})
	for id, count := range ids {
		if count > 1 {
			t.Errorf("id %q stands %d times", id, count)
		}
	}
	walk(root, func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s=%q, which the content policy blocks", n.Data, a.Key, a.Val)
			}
			switch a.Key {
			case "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "for", "data-dialog", "list":
				if ids[a.Val] == 0 {
					t.Errorf("<%s %s=%q> leads to no element", n.Data, a.Key, a.Val)
				}
			}
			if strings.HasPrefix(a.Key, "aria-label") && idOrPlace.MatchString(a.Val) {
				t.Errorf("<%s %s=%q> shows a text's id", n.Data, a.Key, a.Val)
			}
		}
		switch n.Data {
		case "script":
			if n.FirstChild != nil && attr(n, "type") != "application/json" {
				t.Errorf("inline script")
			}
		case "button", "a":
			if text(n) == "" && attr(n, "aria-label") == "" && attr(n, "aria-hidden") == "" {
				t.Errorf("<%s> %v has no name", n.Data, n.Attr)
			}
		case "input", "select", "textarea":
			if attr(n, "type") != "hidden" && attr(n, "aria-label") == "" && !labelled[attr(n, "id")] && !inside(n, "label") {
				t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
			}
		case "img":
			if !has(n, "alt") {
				t.Errorf("<img> without alt")
			}
		}
		if n.Type == html.TextNode && n.Parent.Data != "script" && idOrPlace.MatchString(strings.TrimSpace(n.Data)) && !inside(n, "code") && !strings.Contains(n.Data, "_") {
			t.Errorf("%q is no text", strings.TrimSpace(n.Data))
		}
	})
	return root
}

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func inside(n *html.Node, tag string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == tag {
			return true
		}
	}
	return false
}

func text(n *html.Node) string {
	var all strings.Builder
	walk(n, func(c *html.Node) {
		if c.Type == html.TextNode {
			all.WriteString(c.Data)
		}
	})
	return strings.Join(strings.Fields(all.String()), " ")
}
