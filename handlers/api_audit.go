package handlers

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
	"cutroom/internal/user"
)

// apiAudit is one line of the audit log.
type apiAudit struct {
	ID      string    `json:"id"`
	At      string    `json:"at" format:"date-time"`
	Actor   string    `json:"actor"`
	Action  string    `json:"action" example:"token.create"`
	Subject string    `json:"subject"`
	Detail  apiObject `json:"detail"`
}

func (a *api) auditRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/audit", OperationID: "listAudit", Tags: []string{"audit"}, Summary: "Who did what, newest first, for admins"}, a.listAudit)
}

// inAudit chooses lines.
type inAudit struct {
	InPage
	Actor   string `query:"actor" doc:"User name; operator:NAME for operators, anonymous for nobody."`
	Action  string `query:"action" doc:"One action, or the beginning of several with a star: run.*" example:"acl.change"`
	Subject string `query:"subject" doc:"What it was done to: an id or a user name."`
	From    string `query:"from" format:"date-time" doc:"Not before."`
	Until   string `query:"until" format:"date-time" doc:"Before."`
}

// auditAnswer is a page of the log.
type auditAnswer struct{ Body apiList[apiAudit] }

func (a *api) listAudit(ctx context.Context, in *inAudit) (*auditAnswer, error) {
	from, err := instantIn("from", in.From)
	if err != nil {
		return nil, err
	}
	until, err := instantIn("until", in.Until)
	if err != nil {
		return nil, err
	}
	limit := in.Limit
	if limit == 0 {
		limit = event.DefaultLimit
	}
	lines, next, err := a.Users.Audit(ctx, whoOf(ctx), user.AuditFilter{Actor: in.Actor, Action: in.Action, Subject: in.Subject, From: from, Until: until}, in.Cursor, limit)
	if err != nil {
		return nil, err
	}
	shown := make([]apiAudit, len(lines))
	for i, l := range lines {
		shown[i] = apiAudit{strconv.FormatInt(l.ID, 10), event.FormatTime(l.At), l.Actor, l.Action, l.Subject, apiObject(l.Detail)}
	}
	return &auditAnswer{listOf(shown, next)}, nil
}

// instantIn reads a parameter that is a DateTime; the zero time when it is absent.
func instantIn(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, ok := event.ParseDateTime(text)
	if !ok {
		return time.Time{}, wrongField("/"+name, "DateTime", "Use YYYY-MM-DDTHH:mm:ss with Z or an offset.")
	}
	return at, nil
}
