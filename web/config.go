package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// config is what the environment says, read once and passed on as values. All other settings are in the database.
type config struct {
	DatabaseURL    string   // "" when none was given
	ListenURL      string   // DSN for LISTEN; "" is DatabaseURL
	Listen         string   // host:port
	PublicURL      *url.URL // scheme and host alone
	publicGiven    bool
	StorageRoot    string // folder of all tenants' files, absolute
	storageGiven   bool
	Data           string // folder of dev, absolute
	Node           string
	LogLevel       slog.Level
	Secret         string // "" when none was given
	TrustedProxies []netip.Prefix
}

// minSecret is the least length of CUTROOM_SECRET in bytes: session and link keys derive from it.
const minSecret = 32

// readConfig reads the environment ("NAME=value" each) and names every wrong or unknown CUTROOM_* variable in one error.
func readConfig(environ []string) (config, error) {
	c := config{Listen: "127.0.0.1:8080", Data: ".data", Node: defaultNode()}
	setters := c.setters()
	var wrong []error
	for _, pair := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "CUTROOM_") {
			continue
		}
		set, known := setters[name]
		switch {
		case !known:
			wrong = append(wrong, fmt.Errorf("%s is no setting of Cutroom", name))
		case value != "":
			if err := set(value); err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	if len(wrong) > 0 {
		return config{}, usage(errors.Join(wrong...))
	}
	return c.complete()
}

// setters is the table of variables: each checks its value and keeps it.
func (c *config) setters() map[string]func(string) error {
	return map[string]func(string) error{
		"CUTROOM_DATABASE_URL":      func(v string) error { c.DatabaseURL = v; return checkDSN(v) },
		"CUTROOM_LISTEN_URL":        func(v string) error { c.ListenURL = v; return checkDSN(v) },
		"CUTROOM_LISTEN":            func(v string) error { c.Listen = v; return checkListen(v) },
		"CUTROOM_PUBLIC_URL":        c.setPublicURL,
		"CUTROOM_STORAGE_URL":       c.setStorage,
		"CUTROOM_ELASTICSEARCH_URL": func(string) error { return errors.New("this version searches with PostgreSQL alone, leave it unset") },
		"CUTROOM_DATA":              func(v string) error { c.Data = v; return nil },
		"CUTROOM_NODE":              func(v string) error { c.Node = v; return checkNode(v) },
		"CUTROOM_LOG":               c.setLog,
		"CUTROOM_SECRET":            func(v string) error { c.Secret = v; return checkSecret(v) },
		"CUTROOM_TRUSTED_PROXIES":   c.setProxies,
	}
}

// complete fills in what depends on other settings.
func (c config) complete() (config, error) {
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return config{}, err
	}
	if !c.storageGiven {
		c.StorageRoot = filepath.Join(c.Data, "storage")
	}
	if !c.publicGiven {
		c.PublicURL = &url.URL{Scheme: "http", Host: "localhost:" + portOf(c.Listen)}
	}
	return c, nil
}

func checkDSN(value string) error {
	if _, err := pgxpool.ParseConfig(value); err != nil {
		return errors.New("this is no address of a PostgreSQL database, such as postgres://user@host/database")
	}
	return nil
}

func checkListen(value string) error {
	host, port, err := net.SplitHostPort(value)
	_, errPort := strconv.ParseUint(port, 10, 16)
	if err != nil || errPort != nil || strings.ContainsFunc(host, unicode.IsSpace) {
		return fmt.Errorf("%q is not host:port, such as 127.0.0.1:8080", value)
	}
	return nil
}

func portOf(listen string) string {
	_, port, _ := net.SplitHostPort(listen)
	return port
}

func (c *config) setPublicURL(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("%q is not http://host or https://host", value)
	}
	c.PublicURL, c.publicGiven = &url.URL{Scheme: u.Scheme, Host: u.Host}, true
	return nil
}

func (c *config) setStorage(value string) error {
	if strings.HasPrefix(value, "s3://") {
		return errors.New("this version keeps files in folders (file://...) alone; put a network file system there for several machines")
	}
	path, isFile := strings.CutPrefix(value, "file://")
	if !isFile || !filepath.IsAbs(path) {
		return fmt.Errorf("%q is not file:///folder", value)
	}
	c.StorageRoot, c.storageGiven = filepath.Clean(path), true
	return nil
}

func checkNode(value string) error {
	if len(value) > 100 || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return errors.New("a node's name has up to 100 printable signs and no spaces")
	}
	return nil
}

func (c *config) setLog(value string) error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, known := levels[value]
	if !known {
		return fmt.Errorf("%q is not debug, info, warn or error", value)
	}
	c.LogLevel = level
	return nil
}

func checkSecret(value string) error {
	if len(value) < minSecret {
		return fmt.Errorf("a secret has at least %d bytes", minSecret)
	}
	return nil
}

func (c *config) setProxies(value string) error {
	for _, part := range strings.Split(value, ",") {
		part = strings.TrimSpace(part)
		prefix, err := netip.ParsePrefix(part)
		if addr, errAddr := netip.ParseAddr(part); errAddr == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no address or network, such as 10.0.0.1 or 10.0.0.0/8 (several with commas)", part)
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix.Masked())
	}
	return nil
}

// defaultNode is the host's name, the process id and a random part: no two nodes are called the same.
func defaultNode() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return fmt.Sprintf("%.60s-%d-%.6s", host, os.Getpid(), uuid.NewString())
}
