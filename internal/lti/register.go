package lti

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/seal"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// Limits of dynamic registration, which anybody may begin.
const (
	mostWaiting     = 50 // registrations of a tenant that wait for an admin
	mostRegistering = 8  // at once on a node
	ticketLife      = 10 * time.Minute
	mostBearer      = 8 << 10 // bytes of a registration token
)

// Registration is what a platform's admin sees before anything is sent.
type Registration struct {
	Issuer   string
	Product  string   // moodle, canvas, ...; ""
	Version  string   // of the product; ""
	Endpoint string   // where it is sent
	Sent     string   // JSON text
	Frames   []string // origins of the platform
	Ticket   string   // for Register, within ten minutes, once
}

// ticket is what Register needs to know of what was shown. It is sealed, since it has the platform's registration token in it.
type ticket struct {
	Address string         `json:"address"` // of the configuration
	Config  platformConfig `json:"config"`
	Token   string         `json:"token"`
	Sent    string         `json:"sent"`
	Origin  string         `json:"origin"`
	Expires time.Time      `json:"expires"`
	Once    []byte         `json:"once"`
}

func ticketPlace(t tenant.ID) string { return string(t) + "/lti_registration/" }

// StartRegistration reads the configuration of a platform that asks to be registered (LTI Dynamic Registration 1.0, 3.3), and gives what
// would be sent there. It changes nothing. token is "" where the platform gave none.
func (s *Store) StartRegistration(ctx context.Context, t tenant.ID, tool Tool, configURL, token string) (Registration, error) {
	if err := checkStart(configURL, token); err != nil {
		return Registration{}, err
	}
	done, err := s.oneMore()
	if err != nil {
		return Registration{}, err
	}
	defer done()
	if err := s.DB.Read(ctx, t, func(tx pgx.Tx) error { return roomTx(ctx, tx) }); err != nil {
		return Registration{}, err
	}
	status, body, err := s.askStranger(ctx, http.MethodGet, configURL, http.Header{"Accept": {"application/json"}}, nil)
	if err != nil {
		return Registration{}, unreached(configURL, err)
	}
	if status != http.StatusOK {
		return Registration{}, badConfig("its address answers " + http.StatusText(status))
	}
	config, err := parseConfig(configURL, body)
	if err != nil {
		return Registration{}, err
	}
	sent, err := tool.request(config)
	if err != nil {
		return Registration{}, err
	}
	k := ticket{configURL, config, token, string(sent), tool.Origin, s.now().Add(ticketLife), seal.Random()}
	text, err := json.Marshal(k)
	if err != nil {
		return Registration{}, err
	}
	return Registration{Issuer: config.Issuer, Product: shown(config.Platform.Product), Version: shown(config.Platform.Version), Endpoint: config.Endpoint, Sent: string(sent),
		Frames: k.frames(),
		Ticket: base64.RawURLEncoding.EncodeToString(s.Seal.Seal(ticketPlace(t), text))}, nil
}

func checkStart(configURL, token string) error {
	if configURL == "" {
		return fault.New(fault.Malformed, "error.lti-register-start", "This address is for learning platforms: enter it there as the tool's registration address, and open it from there.")
	}
	var wrong wrongs
	wrong.address("/openid_configuration", configURL)
	if len(wrong) > 0 || len(token) > mostBearer || !httpToken(token) {
		return fault.New(fault.Malformed, "error.lti-register-address", "The platform sent no usable openid_configuration or registration_token. Start the registration there again.")
	}
	return nil
}

// httpToken says whether a text can stand in an Authorization header.
func httpToken(text string) bool {
	for _, b := range []byte(text) {
		if b <= ' ' || b >= 0x7f {
			return false
		}
	}
	return true
}

// oneMore counts who registers on this node at this moment.
func (s *Store) oneMore() (done func(), err error) {
	done = func() { s.registering.Add(-1) }
	if s.registering.Add(1) > mostRegistering {
		done()
		return nil, fault.New(fault.Limited, "error.lti-register-busy", "Many platforms register at this moment. Try again in a minute.")
	}
	return done, nil
}

// roomTx refuses a registration when too many wait already.
func roomTx(ctx context.Context, tx pgx.Tx) error {
	var waiting int
	if err := tx.QueryRow(ctx, "select count(*) from lti_platform where status = 'waiting'").Scan(&waiting); err != nil {
		return err
	}
	if waiting >= mostWaiting {
		return fault.New(fault.Conflict, "error.lti-register-full", "Too many registrations wait for an admin here already. Ask one to approve or remove them, then start again.")
	}
	return nil
}

// Register sends the registration that a ticket of StartRegistration stands for, and keeps what the platform answers until an admin
// approves it. A ticket works once on all nodes; origin is the one it was made at.
func (s *Store) Register(ctx context.Context, t tenant.ID, origin, sealed string) (Platform, error) {
	k, err := s.openTicket(t, origin, sealed)
	if err != nil {
		return Platform{}, err
	}
	done, err := s.oneMore()
	if err != nil {
		return Platform{}, err
	}
	defer done()
	if err := s.DB.Tx(ctx, t, func(tx pgx.Tx) error { return spendTx(ctx, tx, k, s.now()) }); err != nil {
		return Platform{}, err
	}
	header := http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}
	if k.Token != "" {
		header.Set("Authorization", "Bearer "+k.Token)
	}
	status, body, err := s.askStranger(ctx, http.MethodPost, k.Config.Endpoint, header, []byte(k.Sent))
	if err != nil {
		return Platform{}, unreached(k.Config.Endpoint, err)
	}
	client, deployment, err := parseAnswer(status, body)
	if err != nil {
		return Platform{}, err
	}
	return s.wait(ctx, t, k.Config, client, deployment)
}

// TicketFrames are the origins of the platform that a ticket is of, which show the page in a frame; none for what is no ticket.
func (s *Store) TicketFrames(t tenant.ID, origin, sealed string) []string {
	k, err := s.openTicket(t, origin, sealed)
	if err != nil {
		return nil
	}
	return k.frames()
}

func (k ticket) frames() []string {
	return framesFor([]Platform{{Issuer: k.Config.Issuer, AuthURL: k.Config.AuthURL}, {Issuer: k.Address}})
}

func (s *Store) openTicket(t tenant.ID, origin, sealed string) (k ticket, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = s.Seal.Open(ticketPlace(t), raw)
	}
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	if err == nil && (k.Origin != origin || !s.now().Before(k.Expires)) {
		err = errors.New("it is of another origin or too old")
	}
	if err != nil {
		return k, fault.New(fault.Conflict, "error.lti-register-expired", "This page is too old. Start the registration at the learning platform again.").WithCause(err)
	}
	return k, nil
}

// spendTx uses a ticket up, on all nodes, before anything is sent.
func spendTx(ctx context.Context, tx pgx.Tx, k ticket, now time.Time) error {
	if err := roomTx(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "delete from lti_registration where expires_at < $1", now); err != nil {
		return err
	}
	hash := sha256.Sum256(k.Once)
	tag, err := tx.Exec(ctx, "insert into lti_registration (ticket, expires_at) values ($1, $2) on conflict do nothing", hash[:], k.Expires.Add(time.Minute))
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.New(fault.Conflict, "error.lti-register-twice", "This registration was sent already. If it failed, start it at the learning platform again.")
	}
	return err
}

// wait keeps a registration for the admins.
func (s *Store) wait(ctx context.Context, t tenant.ID, c platformConfig, client, deployment string) (made Platform, err error) {
	by := user.Anonymous(t)
	err = s.DB.Tx(ctx, t, func(tx pgx.Tx) error {
		if err := lockPlatforms(ctx, tx); err != nil {
			return err
		}
		if err := roomTx(ctx, tx); err != nil {
			return err
		}
		id := newPlatformID()
		others, err := prefixesTx(ctx, tx, id, issuerKey(V13, c.Issuer, ""))
		if err != nil {
			return err
		}
		n := NewPlatform{Version: V13, Name: nameOf(c.Issuer, ""), Issuer: c.Issuer, ClientID: client, Deployment: deployment, AuthURL: c.AuthURL, TokenURL: c.TokenURL,
			JWKSURL: c.JWKSURL, RolePrefix: suggestPrefix(others, c.Issuer), RoleMap: map[string][]string{}, FrameOrigins: []string{}}
		if made, err = insertTx(ctx, tx, id, n, Waiting, nil, by); err != nil {
			return err
		}
		return user.AuditTx(ctx, tx, by, "lti.register", string(id), told(made))
	})
	if err != nil {
		return Platform{}, taken(err)
	}
	s.changed(t)
	return made, nil
}

// unreached says that a platform's address gave no answer, without telling a stranger what is behind it.
func unreached(address string, err error) error {
	host := address
	if u, parsed := url.Parse(address); parsed == nil {
		host = u.Host
	}
	if errors.Is(err, errInside) {
		return fault.Newf(fault.Invalid, "error.lti-register-inside", "%s is in a private network, from where platforms cannot register themselves. An admin can register it by hand.", shown(host)).
			With(map[string]any{"Host": shown(host)}).WithCause(err)
	}
	return fault.Newf(fault.Unavailable, "error.lti-register-unreached", "%s gave no answer that can be read within five seconds. Try again, or register the platform by hand.", shown(host)).
		With(map[string]any{"Host": shown(host)}).WithCause(err)
}
