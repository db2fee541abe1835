package media

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// Progress tells how far an encoder is.
type Progress struct {
	Fraction float64 // 0..1, never going back
	Speed    float64 // times real time; 0 while not known
}

// readProgress reads what ffmpeg writes with -progress and calls report once a block. total is the length of the result in
// milliseconds. out_time_us is used, because out_time_ms holds microseconds as well.
func readProgress(total int64, report func(Progress)) func(io.Reader) error {
	return func(r io.Reader) error {
		var now Progress
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<16)
		for lines.Scan() {
			key, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), "=")
			switch key {
			case "out_time_us":
				if us, err := strconv.ParseInt(value, 10, 64); err == nil && total > 0 {
					now.Fraction = max(now.Fraction, min(1, float64(us)/1000/float64(total)))
				}
			case "speed":
				speed, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), "x"), 64)
				if err == nil && speed >= 0 && speed < 1e6 {
					now.Speed = speed
				}
			case "progress":
				if report != nil {
					report(now)
				}
			}
		}
		return nil // too long a line is no reason to stop the encoder
	}
}
