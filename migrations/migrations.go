// Package migrations holds the SQL that makes and changes the database: system/NNNN_*.sql runs once a database,
// operators/NNNN_*.sql once in the schema of the people above the tenants, tenant/NNNN_*.sql once in each tenant's schema.
// Files are never changed after they landed.
//
// Nodes of the build before go on while a newer one is rolled out, so a migration only adds. One after which they cannot serve any
// more begins with a line "-- contract: why"; they then refuse what it changed, and nothing else.
package migrations

import "embed"

//go:embed system/*.sql operators/*.sql tenant/*.sql
var FS embed.FS
