package views

import "context"

// ErrorPage is the page of a request that did not work out: 401, 403, 404, 500 and any other status.
type ErrorPage struct {
	Page    Page
	Status  int
	Request string // the request's id, for the support team
	Ask     string // 403: whom to ask, "Amara Osei"
	Message string // what a fault says to the user, a whole translated sentence; empty: the status' own
	Retry   string // where "Try again" goes; empty: the present path
}

func (p ErrorPage) layout(ctx context.Context) Page { return p.Page.with(p.heading(ctx), "none") }

func (p ErrorPage) heading(ctx context.Context) string {
	switch {
	case p.Status == 401:
		return T(ctx, "failure.401")
	case p.Status == 403:
		return T(ctx, "failure.403")
	case p.Status == 404 || p.Status == 410:
		return T(ctx, "failure.404")
	case p.Status == 429:
		return T(ctx, "failure.429")
	case p.Status == 503:
		return T(ctx, "failure.503")
	case p.Status >= 500:
		return T(ctx, "failure.500")
	}
	return T(ctx, "failure.400")
}

func (p ErrorPage) text(ctx context.Context) string {
	switch {
	case p.Message != "":
		return p.Message
	case p.Status == 401:
		return T(ctx, "failure.401Text")
	case p.Status == 403 && p.Ask != "":
		return T(ctx, "failure.403Ask", "Name", p.Ask)
	case p.Status == 403:
		return T(ctx, "failure.403Text")
	case p.Status == 404 || p.Status == 410:
		return T(ctx, "failure.404Text")
	case p.Status == 429:
		return T(ctx, "failure.429Text")
	case p.Status >= 500:
		return T(ctx, "failure.500Text")
	}
	return T(ctx, "failure.400Text")
}

func (p ErrorPage) again() string {
	if p.Retry != "" {
		return p.Retry
	}
	return p.Page.back()
}
