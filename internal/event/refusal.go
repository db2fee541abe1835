package event

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/fault"
)

// busy is the id of what is refused because others are at it.
const busy = "error.busy"

// columns gives the field of the API for a column, where their names differ.
var columns = map[string]string{
	"series_id": "series", "start_time": "startTime", "end_time": "endTime", "extra_metadata": "extraMetadata",
	"mime_type": "mimeType", "is_live": "isLive", "created_by": "createdBy",
}

// refusal turns what the schema refuses into a fault that names field and rule. Its rules are checked in Go first; this is
// the second wall, for writers that come at the same moment. Other errors stay as they are.
func refusal(err error) error {
	var pg *pgconn.PgError
	if err == nil || fault.As(err) != nil || !errors.As(err, &pg) {
		return err
	}
	switch pg.Code {
	case "23505":
		return taken(pg).WithCause(err)
	case "23503", "23514", "23502", "22001", "22003", "22P05", "22021", "54001":
		return broken(pg).WithCause(err)
	case "40001", "40P01", "55P03":
		return fault.New(fault.Unavailable, busy, "Others are changing the same thing. Try again in a moment.").WithCause(err)
	}
	return err
}

func taken(pg *pgconn.PgError) *fault.Error {
	field := fault.Field{Path: "/id", Rule: "Unique", Message: "This id is taken."}
	if strings.HasSuffix(pg.TableName, "_acl") {
		field = fault.Field{Path: "/acl", Rule: "NoDoubles", Message: "A role may have an action only once."}
	}
	return fault.New(fault.Conflict, "error.taken", field.Message).WithFields(field)
}

func broken(pg *pgconn.PgError) *fault.Error {
	field := fault.Field{Path: "/" + fieldOf(pg), Rule: "Schema", Message: "This value breaks a rule of the data model."}
	switch pg.ConstraintName {
	case "event_series_id_fkey":
		field = fault.Field{Path: "/series", Rule: "ExistingSeries", Message: "There is no such series."}
	case "asset_duration_equals_event":
		field = fault.Field{Path: "/duration", Rule: "EqualDurations", Message: "A public track has to be as long as its event."}
	}
	return fault.New(fault.Invalid, "error.fields", field.Message).WithFields(field)
}

// fieldOf guesses the field from the column, or from the constraint's name: table_column_check.
func fieldOf(pg *pgconn.PgError) string {
	column := pg.ColumnName
	if column == "" {
		column = strings.TrimPrefix(pg.ConstraintName, pg.TableName+"_")
		column = strings.TrimSuffix(strings.TrimSuffix(column, "_check"), "_fkey")
	}
	if name, ok := columns[column]; ok {
		return name
	}
	return column
}
