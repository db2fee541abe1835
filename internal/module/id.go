package module

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ID is a module's id: the product's name and, behind a hyphen and beginning with a digit, its version:
// "mod-users-1.2.0". In what a client asks for the version may be missing; Version is zero then.
type ID struct {
	Product string
	Version Version
}

// uiPrefix begins the products of FOLIO's user interface modules ("folio_users"), which follow no further rules.
const uiPrefix = "folio_"

// maxProduct is how long a product's name may be, in bytes: with a tenant's name it makes the name of a database role.
const maxProduct = 31

// reserved are words that SQL would misunderstand in the names that modules make of their product.
var reserved = []string{"catalog", "date", "role", "time", "timestamp", "user"}

// ParseID reads a module id, or a product alone. Names are of lower-case ASCII letters, digits and hyphens, begin
// with a letter and have a letter behind each hyphen, since a digit there begins the version. The errors are Okapi's texts.
func ParseID(id string) (ID, error) {
	product, version, err := splitID(id)
	if err != nil {
		return ID{}, err
	}
	if err := checkProduct(product); err != nil {
		return ID{}, err
	}
	if version == "" {
		return ID{Product: product}, nil
	}
	v, err := ParseVersion(version)
	if err != nil {
		return ID{}, err
	}
	return ID{Product: product, Version: v}, nil
}

func splitID(id string) (product, version string, err error) {
	if id == "" {
		return "", "", errors.New("ModuleID must not be empty")
	}
	if !isLower(id[0]) {
		return "", "", fmt.Errorf("ModuleID '%s' must start with lowercase letter", id)
	}
	i := 1
	if strings.HasPrefix(id, uiPrefix) {
		i = len(uiPrefix)
	}
	for ; i < len(id); i++ {
		if id[i] == '-' {
			i++
			if i < len(id) && isDigit(id[i]) {
				return id[:i-1], id[i:], nil
			}
			if i == len(id) || !isLower(id[i]) {
				return "", "", badCharacter(id, i)
			}
			continue
		}
		if !isLower(id[i]) && !isDigit(id[i]) {
			return "", "", badCharacter(id, i)
		}
	}
	return id, "", nil
}

func badCharacter(id string, offset int) error {
	return fmt.Errorf("ModuleID '%s' has non-allowed character at offset %d", id, offset)
}

func checkProduct(product string) error {
	switch {
	case strings.HasPrefix(product, uiPrefix):
		return nil
	case len(product) > maxProduct:
		return fmt.Errorf("ModuleID '%s' exceeding %d characters", product, maxProduct)
	case slices.Contains(reserved, product):
		return fmt.Errorf("ModuleID '%s' is a reserved name", product)
	}
	return nil
}

// HasVersion says whether it names one version and not a product alone.
func (id ID) HasVersion() bool { return !id.Version.IsZero() }

// String gives the id as it was written.
func (id ID) String() string {
	if !id.HasVersion() {
		return id.Product
	}
	return id.Product + "-" + id.Version.String()
}

// Compare orders ids by product, then by version, a product alone first.
func (id ID) Compare(other ID) int {
	if c := strings.Compare(id.Product, other.Product); c != 0 {
		return c
	}
	return id.Version.Compare(other.Version)
}

// HasPrefix says whether p names it: the same product, and a version that p's is the beginning of. A product alone
// has no prefix.
func (id ID) HasPrefix(p ID) bool {
	return id.HasVersion() && id.Product == p.Product && id.Version.HasPrefix(p.Version)
}

// parsed is ParseID for ids that Parse has checked before: a broken one is taken for a product's name.
func parsed(id string) ID {
	if p, err := ParseID(id); err == nil {
		return p
	}
	return ID{Product: id}
}

// compareIDs orders ids as text by product and version, and two ways of writing one version by their bytes, so that
// no order depends on chance.
func compareIDs(a, b string) int {
	if c := parsed(a).Compare(parsed(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
