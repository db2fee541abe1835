// Command cutroom is the whole product: pages, jobs, and what an operator does by hand. `cutroom --help` lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"cutroom/internal/fault"
)

// Exit codes.
const (
	good       = 0
	failed     = 1 // the reason is on stderr, in one line
	wrongUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the process at once; the private PostgreSQL still ends with it, see internal/postgres.
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, os.Args[1:], os.Environ(), terminal{os.Stdin, os.Stdout, os.Stderr}))
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// usageError is a mistake of whoever called: exit code 2.
type usageError struct{ error }

func usage(err error) error { return usageError{err} }

// execute carries out one command and returns its exit code.
func execute(ctx context.Context, args, environ []string, t terminal) int {
	err := dispatch(ctx, args, environ, t)
	if err == nil {
		return good
	}
	fmt.Fprintln(t.err, "cutroom: "+oneLine(err))
	if errors.As(err, &usageError{}) {
		return wrongUsage
	}
	return failed
}

// helpShown ends the parsing after --help.
type helpShown struct{}

func dispatch(ctx context.Context, args, environ []string, t terminal) (err error) {
	defer func() {
		if left := recover(); left != nil {
			if _, help := left.(helpShown); !help {
				panic(left)
			}
			err = nil
		}
	}()
	var all commands
	parser, err := kong.New(&all, kong.Name("cutroom"), kong.Description("Cut lecture recordings together, on any number of equal nodes."),
		kong.Writers(t.out, t.err), kong.Exit(func(int) { panic(helpShown{}) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return usage(err)
	}
	config, err := readConfig(environ)
	if err != nil {
		return err
	}
	logTo(t.err, config.LogLevel)
	return chosen.Run(&call{ctx: ctx, config: config, terminal: t})
}

// oneLine is what a person at a terminal needs of an error.
func oneLine(err error) string {
	text := err.Error()
	if f := fault.As(err); f != nil && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		text = f.Text
	}
	return strings.Join(strings.Fields(text), " ")
}
