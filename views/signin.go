package views

import (
	"fmt"
	"math"
	"strings"
	"sync"
)

// SignInPage is "/sign-in". POST /sign-in with name, password, next.
type SignInPage struct {
	Page    Page   // Host is the tenant's name
	Name    string // what was typed
	Next    string // where to go afterwards, a path
	Failed  bool   // "User name and password do not match.", whatever was wrong
	Limited bool   // too many tries
	Blocked bool   // the browser refuses cookies inside the course page
	Window  string // opens Cutroom in its own window; for Blocked

	Institutions []Institution // other ways in
	Trouble      string        // why signing in there failed, a whole sentence
}

// SignInLinkPage is "/sign-in/link?token=": a button, so that link scanners of mail programs use up nothing. POST
// /sign-in/link with token.
type SignInLinkPage struct {
	Page  Page
	Token string
	Name  string // whose link it is; empty: not told
	Used  bool   // not known, or too old
}

// waves hold the two paths of the still wave, kept and gone.
var waves = sync.OnceValue(func() [2]string {
	var kept, gone strings.Builder
	for x := 0; x < 1440; x += 4 {
		t := float64(x)
		pause := x < 300 || x > 1020 && x < 1140
		height := 38 + 18*math.Sin(t/71) + 10*math.Sin(t/31+1) + 16*math.Sin(t*1.7)*math.Sin(t*0.37)
		to := &kept
		if pause {
			to, height = &gone, 11+4*math.Sin(t/9)
		}
		height = max(height, 7)
		fmt.Fprintf(to, "M%d %.1fv%.1f", x+2, 130-height, 2*height)
	}
	return [2]string{kept.String(), gone.String()}
})

func wavePath(kept bool) string {
	if kept {
		return waves()[0]
	}
	return waves()[1]
}
