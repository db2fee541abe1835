package lti

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// issuerKey says which registrations are of one issuer and so may share a role prefix: their courses are the same. A consumer key of
// LTI 1.1 is an issuer of its own.
func issuerKey(version, issuer, key string) string {
	if version == V11 {
		return "key " + key
	}
	return "issuer " + issuer
}

// issuerColumn is issuerKey in SQL.
const issuerColumn = "case when version = '1.1' then 'key ' || consumer_key else 'issuer ' || issuer end"

// prefixesTx are the prefixes of all other active issuers.
func prefixesTx(ctx context.Context, tx pgx.Tx, self PlatformID, issuer string) ([]string, error) {
	rows, err := tx.Query(ctx, "select distinct role_prefix from lti_platform where status = 'active' and id <> $1 and "+issuerColumn+" <> $2", string(self), issuer)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ownPrefixTx refuses a role prefix that would give one issuer's people the roles of another's: two platforms number their courses
// alike. What another registration of the issuer has is its own. Under lockPlatforms.
func ownPrefixTx(ctx context.Context, tx pgx.Tx, self PlatformID, issuer, prefix string) error {
	others, err := prefixesTx(ctx, tx, self, issuer)
	if err != nil || ownPrefix(others, prefix) == nil {
		return err
	}
	var has bool
	err = tx.QueryRow(ctx, "select exists (select 1 from lti_platform where status = 'active' and id <> $1 and "+issuerColumn+" = $2 and role_prefix = $3)", string(self), issuer, prefix).Scan(&has)
	if err != nil || has {
		return err
	}
	return ownPrefix(others, prefix)
}

func ownPrefix(others []string, prefix string) error {
	if len(others) == 0 {
		return nil
	}
	if prefix == "" {
		const text = "There is a learning platform already: give this one a role prefix of its own, so that the roles of their courses stay apart."
		return fault.New(fault.Invalid, "error.lti-prefix-missing", text).WithFields(wrongField("/rolePrefix", "LTIPrefixMissing", text))
	}
	for _, other := range others {
		if other == prefix {
			const text = "Another learning platform has this role prefix: choose one that is this platform's own."
			return fault.New(fault.Conflict, "error.lti-prefix-taken", text).WithFields(wrongField("/rolePrefix", "LTIPrefixTaken", text))
		}
	}
	return nil
}

// suggestPrefix gives a platform that registered itself a prefix of its own: none for the first, then its host's name.
func suggestPrefix(others []string, issuer string) string {
	if len(others) == 0 {
		return ""
	}
	host := strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, nameOf(issuer, "lms")))
	host = host[:min(len(host), mostPrefix-8)]
	for n := 1; ; n++ {
		prefix := host + "_"
		if n > 1 {
			prefix = host + "-" + strconv.Itoa(n) + "_"
		}
		if !isSystemRole(prefix) && ownPrefix(others, prefix) == nil {
			return prefix
		}
	}
}
