package user

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/live"
	"cutroom/internal/tenant"
)

// LeaveTx ends the membership in a context of somebody for whom a source vouched; of people who are not known it knows nothing, and
// left is false. The notices are for after the commit, as with EnterTx.
func LeaveTx(ctx context.Context, tx pgx.Tx, t tenant.ID, source, subject, membership string) (tell func(*Store), left bool, err error) {
	var name string
	err = tx.QueryRow(ctx, `delete from membership m using identity i where i.source = $1 and i.subject = $2 and m.user_name = i.user_name and m.source = $1 and m.context = $3
		returning m.user_name`, source, subject, membership).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return telling(nil), false, nil
	}
	var notices []live.Notice
	if err == nil {
		notices, err = personNoticesTx(ctx, tx, t, name)
	}
	return telling(notices), err == nil, err
}
