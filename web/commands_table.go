package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints rows under headings, in columns.
func table[T any](w io.Writer, headings []string, rows []T, cells func(T) []any) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, strings.Join(headings, "\t"))
	for _, row := range rows {
		var texts []string
		for _, cell := range cells(row) {
			texts = append(texts, fmt.Sprint(cell))
		}
		fmt.Fprintln(columns, strings.Join(texts, "\t"))
	}
	return columns.Flush()
}

func joined(list []string) string { return orDash(strings.Join(list, ",")) }

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
