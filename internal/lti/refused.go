package lti

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// refusedTime is how long the audit log is waited for.
const refusedTime = 5 * time.Second

// Refused writes into the audit log that a launch was refused and why. platform is the registration as far as it is known, "" when it is
// not; message is the message's type, or login. detail is what is known for sure of the launch. It outlives the request.
func (s *Store) Refused(ctx context.Context, t tenant.ID, platform string, message string, err error, detail map[string]any) {
	line := map[string]any{"message": shown(message), "reason": reasonOf(err)}
	for name, value := range detail {
		if text, ok := value.(string); ok {
			value = shown(text)
		}
		line[name] = value
	}
	if f := fault.As(err); f != nil && len(f.Data) > 0 {
		line["with"] = f.Data // the reason's text wants them
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusedTime)
	defer cancel()
	audit := s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		return user.AuditTx(ctx, tx, user.Anonymous(t), "lti.refused", platform, line)
	})
	if audit != nil {
		slog.ErrorContext(ctx, "a refused launch is not in the audit log", "tenant", t, "platform", platform, "reason", fmt.Sprint(line["reason"]), "error", audit)
	}
}

// Detail is what is known of a launch, for the audit log.
func (l Launch) Detail() map[string]any {
	detail := l.detail("")
	maps.DeleteFunc(detail, func(name string, value any) bool { return name == "message" || value == "" })
	return detail
}

// reasonOf is the id of a fault's text, internal for what is none.
func reasonOf(err error) string {
	if f := fault.As(err); f != nil {
		return f.ID
	}
	return "internal"
}
