package handlers

import (
	"regexp"
	"strconv"
	"time"

	"cutroom/internal/fault"
	"cutroom/views"
)

// startForm is a start as people write it: 1074, 17:54 or 1:02:03; of seconds, parts may stand behind a point or comma.
var startForm = regexp.MustCompile(`^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:[.,]\d{1,3})?$`)

// startOf reads a start in whole seconds; "" is the beginning. It has to lie within a recording of this length in ms, 0: unknown. What
// cannot be read is a fault Invalid.
func startOf(text string, length int64) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	parts := startForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, fault.New(fault.Invalid, "picker.startWrong", "Type a time like 17:54 or 1:02:03.")
	}
	hours, minutes, seconds := number(parts[1]), number(parts[2]), number(parts[3])
	if parts[1] != "" && minutes > 59 || parts[2] != "" && seconds > 59 {
		return 0, fault.New(fault.Invalid, "picker.startWrong", "Type a time like 17:54 or 1:02:03.")
	}
	start := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second
	if length > 0 && start.Milliseconds() >= length {
		most := views.Clock(length)
		return 0, fault.Newf(fault.Invalid, "picker.startLate", "Type a time like 17:54, at most %s.", most).With(map[string]any{"Length": most})
	}
	return start, nil
}

// number is that of up to six digits; 0 without any.
func number(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// startParameter reads the t of an address: seconds, 17.5 too, or a time as people write it. It gives ms; 0, the beginning, for what is
// neither.
func startParameter(text string) int64 {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e7 {
		return int64(seconds * 1000)
	}
	start, err := startOf(text, 0)
	if err != nil {
		return 0
	}
	return start.Milliseconds()
}
