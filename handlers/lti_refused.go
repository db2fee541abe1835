package handlers

import (
	"errors"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/views"
)

// maxLaunch is how many bytes a launch may have: a token with all that a platform likes to tell fits well.
const maxLaunch = 256 << 10

// readLaunch reads what a learning platform sends: a form, or for a login the address too.
func readLaunch(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxLaunch)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method == http.MethodPost && (err != nil || kind != "application/x-www-form-urlencoded") {
		return fault.New(fault.Unsupported, "lti.form", "This launch cannot be read: it is no form as learning platforms send it.").WithCause(err)
	}
	if len(r.URL.RawQuery) > maxLaunch {
		return tooLargeLaunch(nil)
	}
	var large *http.MaxBytesError
	switch err := r.ParseForm(); {
	case errors.As(err, &large):
		return tooLargeLaunch(err)
	case err != nil:
		return fault.New(fault.Malformed, "lti.form", "This launch cannot be read: it is no form as learning platforms send it.").WithCause(err)
	}
	return nil
}

func tooLargeLaunch(err error) error {
	return fault.New(fault.TooLarge, "lti.large", "This launch is larger than 256 kB. Leave out custom parameters that Cutroom does not need.").WithCause(err)
}

// refusedLaunch is a launch, or the begin of one, that came to nothing.
type refusedLaunch struct {
	platform lti.PlatformID // as far as it is known
	message  string         // type of its message; login, launch or window
	err      error
	detail   map[string]any // what is known for sure, for the audit log
	back     string         // to the course; "" while nothing is verified
}

// launchRefused answers a launch that came to nothing: a page that says why, 4xx, and a line in the audit log. What is not the
// platform's or the person's to mend is answered like everything else that breaks here. Of many failures of one registration the log
// hears no more than its limit lets through; launches that are right always pass.
func (s *Server) launchRefused(w http.ResponseWriter, r *http.Request, l refusedLaunch) error {
	f := asFault(l.err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		return l.err
	}
	t := s.tenant(r).ID
	if s.launches.fail(string(t) + "/" + string(l.platform)) {
		s.LTI.Refused(r.Context(), t, string(l.platform), l.message, l.err, l.detail)
	} else {
		f = fault.New(fault.Limited, "lti.often", "Too many launches of this kind failed. Wait a minute, and correct what the earlier ones said before you try again.").WithCause(l.err)
	}
	s.refusal(r, f)
	status := f.Kind.Status()
	if f.Kind == fault.Unauthorized {
		status = http.StatusForbidden // signing in here would not help
	}
	writeRetry(w.Header(), f.Kind)
	w.Header().Set("Cache-Control", "no-store")
	p := views.LaunchFailedPage{Page: s.page(r, "", ""), Status: status, Request: exchangeOf(r.Context()).id, Reason: told(r.Context(), f)}
	if l.back != "" {
		p.Page.CourseURL = l.back
	}
	return s.render(w, r, status, views.LaunchFailed(p))
}

// inLocale makes pages speak as the launch asks for, unless somebody chose a language.
func inLocale(r *http.Request, locale string) *http.Request {
	if locale == "" {
		return r
	}
	lang := views.PickLang(cookieOf(r, languageCookie), locale+","+r.Header.Get("Accept-Language"))
	return r.WithContext(views.WithLang(r.Context(), lang))
}

// clipped is a text of somebody else as a page quotes it: one line of up to most signs.
func clipped(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(c rune) bool { return unicode.IsControl(c) || unicode.IsSpace(c) }), " ")
	if signs := []rune(text); len(signs) > most {
		return string(signs[:most]) + "…"
	}
	return text
}

// Failed launches of one registration that are answered and logged one by one: a whole course that clicks a broken link is.
const (
	failedLaunches       = 500
	failedLaunchesSecond = 5
	mostLaunchLimits     = 10000
)

// launchLimits count failed launches in this node's memory, by registration and not by address: a lecture hall has one. The zero value is
// ready.
type launchLimits struct {
	mu     sync.Mutex
	failed map[string]*bucket
}

// fail says whether one failure more is within the limit.
func (l *launchLimits) fail(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil || len(l.failed) > mostLaunchLimits {
		l.failed = map[string]*bucket{}
	}
	b := l.failed[key]
	if b == nil {
		made := newBucket(failedLaunchesSecond, failedLaunches)
		b, l.failed[key] = &made, &made
	}
	return b.take(time.Now())
}
