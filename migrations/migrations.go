// Package migrations holds the SQL that makes and changes the database: system/NNNN_*.sql runs once a
// database, tenant/NNNN_*.sql once for each tenant's schema. Files are never changed after they landed.
package migrations

import "embed"

//go:embed system/*.sql tenant/*.sql
var FS embed.FS
