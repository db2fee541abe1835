package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"time"

	"cutroom/internal/user"
)

type userCreateCommand struct {
	Name          string `arg:"" help:"Name to sign in with."`
	Tenant        string `required:"" help:"The tenant that the person belongs to."`
	Role          string `enum:"admin,editor,viewer" default:"viewer" help:"admin, editor or viewer."`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
}

// Run makes the person.
func (u userCreateCommand) Run(c *call) error {
	a, t, err := c.inTenant(u.Tenant)
	if err != nil {
		return err
	}
	defer a.close()
	password := ""
	if u.PasswordStdin {
		if password, err = bufio.NewReader(c.in).ReadString('\n'); err != nil && password == "" {
			return errors.New("there is no password on standard input")
		}
		password = strings.TrimRight(password, "\r\n")
	}
	_, err = a.users.Create(c.ctx, user.System(t), user.NewPerson{Name: u.Name, Role: u.Role, Password: password})
	return err
}

type tokenCreateCommand struct {
	Tenant  string        `required:"" help:"The person's tenant."`
	User    string        `required:"" help:"Whose token it is."`
	Scope   []string      `help:"read or write; all that the person may when absent."`
	Expires time.Duration `help:"For how long it works, such as 24h; for ever when absent."`
}

// Run prints the token alone.
func (t tokenCreateCommand) Run(c *call) error {
	a, id, err := c.inTenant(t.Tenant)
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
