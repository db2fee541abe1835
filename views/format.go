package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Length writes a length in milliseconds as users read it: "42:34", "1:02:03", under a minute "18.5 s" (German
// "18,5 s"), without a decimal when it is whole.
func Length(ctx context.Context, ms int64) string {
	if ms < 0 {
		ms = 0
	}
	if ms < 60_000 {
		text := strings.TrimSuffix(strconv.FormatFloat(float64(ms/100)/10, 'f', 1, 64), ".0")
		return decimal(ctx, text) + "\u00a0s"
	}
	return Clock(ms)
}

// Clock writes a position in milliseconds as "0:18", "42:34" or "1:02:03".
func Clock(ms int64) string {
	s := max(ms, 0) / 1000
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Bytes writes a size with a decimal unit: "64 kB", "1.4 GB".
func Bytes(ctx context.Context, n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + "\u00a0B"
	}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < 4 {
		value /= 1000
		unit++
	}
	digits := 0
	if value < 9.95 {
		digits = 1
	}
	return decimal(ctx, strconv.FormatFloat(value, 'f', digits, 64)) + "\u00a0" + []string{"B", "kB", "MB", "GB", "TB"}[unit]
}

// Count writes a whole number in groups of three from 10 000 on: "9999", "10 000".
func Count(n int) string {
	text := strconv.Itoa(n)
	if n < 10_000 {
		return text
	}
	var parts []string
	for len(text) > 3 {
		parts = append([]string{text[len(text)-3:]}, parts...)
		text = text[:len(text)-3]
	}
	return text + "\u202f" + strings.Join(parts, "\u202f")
}

// Percent writes a share of 0 to 1: "62 %". Only what is whole is called 100 %.
func Percent(share float64) string {
	return strconv.Itoa(percent(share)) + "\u00a0%"
}

func percent(share float64) int {
	return int(min(max(share, 0), 1)*100 + 1e-9)
}

func decimal(ctx context.Context, text string) string {
	if Lang(ctx) == "de" {
		return strings.Replace(text, ".", ",", 1)
	}
	return text
}

var (
	germanMonths   = strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
	germanShort    = strings.Fields("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.")
	germanWeekdays = strings.Fields("Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag")
)

// Day writes a day shortly: "18 Nov", with the year when it is not the present one; "18. Nov." in German.
func Day(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone(ctx))
	text := t.Format("2 Jan")
	if Lang(ctx) == "de" {
		text = fmt.Sprintf("%d. %s", t.Day(), germanShort[t.Month()-1])
	}
	if t.Year() != time.Now().In(zone(ctx)).Year() {
		text += t.Format(" 2006")
	}
	return text
}

// LongDay writes "18 November 2026" or "18. November 2026".
func LongDay(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone(ctx))
	if Lang(ctx) == "de" {
		return fmt.Sprintf("%d. %s %d", t.Day(), germanMonths[t.Month()-1], t.Year())
	}
	return t.Format("2 January 2006")
}

// WeekdayTime writes "Wednesday, 18 November 2026, 10:15".
func WeekdayTime(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone(ctx))
	weekday := t.Format("Monday")
	if Lang(ctx) == "de" {
		weekday = germanWeekdays[t.Weekday()]
	}
	return weekday + ", " + LongDay(ctx, t) + ", " + t.Format("15:04")
}

// TimeOfDay writes "10:01:52".
func TimeOfDay(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone(ctx)).Format("15:04:05")
}

// When writes a moment as near as it is: "a minute ago", "09:41" today, "18 Nov, 12:31" before.
func When(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	now, local := time.Now().In(zone(ctx)), t.In(zone(ctx))
	age := now.Sub(local)
	switch {
	case age >= 0 && age < time.Minute:
		return T(ctx, "time.now")
	case age >= 0 && age < 2*time.Minute:
		return T(ctx, "time.minute")
	case local.YearDay() == now.YearDay() && local.Year() == now.Year():
		return local.Format("15:04")
	}
	return Day(ctx, t) + ", " + local.Format("15:04")
}

// iso writes a moment for the datetime attribute; none for the zero time.
func iso(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// local writes a moment for an input of type datetime-local; none for the zero time.
func local(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone(ctx)).Format("2006-01-02T15:04")
}

// ordinal writes a place: "2nd", in German "2.".
func ordinal(ctx context.Context, n int) string {
	text := strconv.Itoa(n)
	if Lang(ctx) == "de" {
		return text + "."
	}
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			return text + "st"
		case 2:
			return text + "nd"
		case 3:
			return text + "rd"
		}
	}
	return text + "th"
}
