package event

import (
	"strconv"
	"time"
)

// ETag names the version of an event: another one after every change of it, its assets or its ACL.
func ETag(e Event) string { return etag(e.Modified) }

// ETag names the version of a series.
func (s Series) ETag() string { return etag(s.Modified) }

// etag is made of modified alone, which rises by at least a millisecond with each change.
func etag(modified time.Time) string {
	return `"` + strconv.FormatInt(modified.UnixMilli(), 36) + `"`
}
