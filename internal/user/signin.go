package user

import (
	"context"
	"errors"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// CheckPassword finds who has this name and password: of the tenant, else an operator, who then acts there. Whatever is
// wrong, the answer is one fault Unauthorized and takes one time; too many failed tries are a fault Limited. A try counts
// against both: an operator's password is guessed no faster by going from tenant to tenant.
func (s *Store) CheckPassword(ctx context.Context, t tenant.ID, name, password string, ip netip.Addr) (Who, error) {
	if !nameForm.MatchString(name) {
		name = "" // nobody has such a name
	}
	from := network(ip).String()
	keys := map[string]bucket{"address/" + from: anyAtAddress}
	for _, place := range places(t) {
		keys["person at address/"+string(place)+"/"+name+"/"+from] = personAtAddress
		keys["person/"+string(place)+"/"+name] = personAnywhere
	}
	if !s.tries.take(keys) {
		return Who{}, fault.New(fault.Limited, "error.tries", "Too many tries. Wait a minute.")
	}
	who, err := known(t, func(place tenant.ID) (Who, error) { return s.checkPasswordAt(ctx, place, name, password) })
	if fault.KindOf(err) != fault.Unauthorized {
		s.tries.give(keys)
		return who, err
	}
	return who, s.auditFailure(ctx, t, name, ip, err)
}

func (s *Store) checkPasswordAt(ctx context.Context, t tenant.ID, name, password string) (Who, error) {
	who, stored, err := s.passwordOf(ctx, t, name)
	if err != nil {
		return Who{}, err
	}
	if len(password) > MaxPassword {
		password, stored = "", ""
	}
	ok, err := s.matches(ctx, password, stored)
	if err != nil {
		return Who{}, err
	}
	if !ok {
		return Who{}, fault.New(fault.Unauthorized, "error.password", "User name and password do not match.")
	}
	return who, nil
}

// passwordOf gives a person and the stored hash; "" when there is none, the person is disabled or not there.
func (s *Store) passwordOf(ctx context.Context, t tenant.ID, name string) (Who, string, error) {
	var who Who
	var stored string
	err := s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		var err error
		who, err = scanWho(tx.QueryRow(ctx, "select "+whoColumns+", coalesce(p.password_hash, '') from person p where p.name = $1 and p.disabled_at is null", name), t, &stored)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return who, stored, err
}

// network is what one customer of a provider has: an IPv4 address, or 64 bits of IPv6.
func network(ip netip.Addr) netip.Prefix {
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address, as over a socket in the file system
	}
	return p
}
