// Package static holds what browsers load as it lies here: styles, scripts, icons, and the front-end packages that
// make copies into vendor.
package static

import "embed"

// FS holds css, js, icons and vendor. Without the copied packages vendor has a README alone; Missing tells so.
//
//go:embed css js icons vendor
var FS embed.FS

// packages are the files that make copies from node_modules.
var packages = []string{"vendor/htmx.min.js", "vendor/tus.min.js"}

// Missing names the front-end packages that were not copied before the program was built; pages work without them, but
// nothing saves itself and no upload resumes.
func Missing() []string {
	var missing []string
	for _, name := range packages {
		if _, err := FS.Open(name); err != nil {
			missing = append(missing, name)
		}
	}
	return missing
}
