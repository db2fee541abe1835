package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"time"

	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// place is where people are: in a tenant, or above all of them.
type place struct {
	Tenant   string `help:"The person's tenant."`
	Operator bool   `help:"Above the tenants instead of in one."`
}

var errPlace = errors.New("say where the person is: --tenant T, or --operator, and not both")

// check refuses both and neither before anything is opened.
func (p place) check() error {
	if (p.Tenant != "") == p.Operator {
		return usage(errPlace)
	}
	return nil
}

// open connects, and looks whether the place is there.
func (p place) open(c *call) (*app, tenant.ID, error) {
	if p.Operator {
		a, err := c.connect()
		return a, tenant.Operators, err
	}
	return c.inTenant(p.Tenant)
}

type userCreateCommand struct {
	Name string `arg:"" help:"Name to sign in with."`
	place
	Role          string `enum:",admin,editor,viewer" default:"" help:"admin, editor or viewer, which it is when absent. Operators have no other role."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run makes the person.
func (u userCreateCommand) Run(c *call) error {
	if err := u.check(); err != nil {
		return err
	}
	if u.Operator && u.Role != "" {
		return usage(errors.New("an operator may do all: leave --role out"))
	}
	password, err := u.password(c)
	if err != nil {
		return err
	}
	a, t, err := u.open(c)
	if err != nil {
		return err
	}
	defer a.close()
	_, err = a.users.Create(c.ctx, user.System(t), user.NewPerson{Name: u.Name, Role: u.Role, Password: password})
	return err
}

func (u userCreateCommand) password(c *call) (string, error) {
	if !u.PasswordStdin {
		return "", nil
	}
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil && line == "" {
		return "", errors.New("there is no password on standard input")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type tokenCreateCommand struct {
	place
	User    string        `required:"" help:"Whose token it is."`
	Scope   []string      `help:"read or write; all that the person may when absent."`
	Expires time.Duration `help:"For how long it works, such as 24h; for ever when absent."`
}

// Run prints the token alone.
func (t tokenCreateCommand) Run(c *call) error {
	if err := t.check(); err != nil {
		return err
	}
	a, id, err := t.open(c)
	if err != nil {
		return err
	}
	defer a.close()
	_, secret, err := a.users.CreateToken(c.ctx, user.System(id), t.User, t.Scope, t.Expires)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, secret)
	return err
}
