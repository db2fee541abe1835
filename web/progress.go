package main

import "fmt"

// progress shows how far a long command is, in place of what it showed before; "" takes it away. Only people at a terminal see it.
func (c *call) progress(text string) {
	if isTerminal(c.err) {
		fmt.Fprintf(c.err, "\r\x1b[K%s", text)
	}
}

// steps gives a function that prints each step of a long command once.
func (c *call) steps() func(string) {
	last := ""
	return func(text string) {
		if text != last {
			fmt.Fprintln(c.out, text)
		}
		last = text
	}
}
