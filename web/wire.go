package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"cutroom/handlers"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/institution"
	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/node"
	"cutroom/internal/presence"
	"cutroom/internal/run"
	"cutroom/internal/seal"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/jobs"
)

// stopLimit is how long a node takes to end: long enough to give its runs back, short enough for Ctrl-C.
const stopLimit = 7 * time.Second

// app is one node: all stores on one pool, and what runs on them. Commands use the stores without starting anything.
type app struct {
	config config

	db       *tenant.DB
	files    storage.Store
	bus      *live.Bus
	users    *user.Store
	events   *event.Store
	uploads  *event.Uploads
	edits    *edit.Store
	runs     *run.Store
	installs *install.Store
	fleet    *fleet.Store
	lti      *lti.Store
	oidc     *institution.Store
	nodes    *node.Store
	presence *presence.Registry

	server   *handlers.Server
	http     *http.Server
	address  net.Addr
	worker   *jobs.Node
	heart    *node.Heart
	running  context.CancelFunc // ends the files' keeper
	parts    sync.WaitGroup
	failures chan error // a part that ended by itself
	stopOnce sync.Once
}

// newApp connects the stores with each other. It opens no connection yet.
func newApp(ctx context.Context, c config) (*app, error) {
	pool, err := newPool(ctx, c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	a := &app{config: c, db: &tenant.DB{Pool: pool}, failures: make(chan error, 4)}
	if a.files, err = storage.Open("file://" + c.StorageRoot); err != nil {
		pool.Close()
		return nil, fmt.Errorf("the storage folder %s cannot be used: %w", c.StorageRoot, err)
	}
	listen := c.ListenURL
	if listen == "" {
		listen = c.DatabaseURL
	}
	a.bus = live.New(live.Config{DSN: listen, Pool: pool})
	a.bus.Poll = a.pollEdits
	a.db.Files, a.db.Bus = a.files, a.bus
	a.users = user.New(a.db, a.bus)
	a.events = &event.Store{DB: a.db, Bus: a.bus}
	a.edits = &edit.Store{DB: a.db, Bus: a.bus, Lines: edit.LinesFrom(a.files)}
	if a.runs, err = run.New(a.db, a.edits, a.bus); err != nil {
		pool.Close()
		return nil, err
	}
	if a.installs, err = install.New(a.db, a.bus); err != nil {
		pool.Close()
		return nil, err
	}
	a.fleet = &fleet.Store{DB: a.db, Installs: a.installs}
	if c.PublicURL != nil {
		a.installs.OkapiURL = strings.TrimSuffix(c.PublicURL.String(), "/")
	}
	a.uploads = &event.Uploads{DB: a.db, Bus: a.bus, Files: a.files, Jobs: a.runs.River, Node: c.Node}
	sealed, err := seal.New([]byte(c.Secret))
	if err != nil {
		pool.Close()
		return nil, err
	}
	a.lti = &lti.Store{DB: a.db, Bus: a.bus, Users: a.users, Seal: sealed, Jobs: a.runs.River, PublicURL: c.PublicURL}
	a.oidc = &institution.Store{DB: a.db, Bus: a.bus, Users: a.users, Seal: sealed}
	a.nodes = &node.Store{DB: a.db}
	a.presence = presence.New(presence.Config{DB: a.db, Bus: a.bus, Node: c.Node})
	return a, nil
}

// poolSize is how many connections a node uses at most, beside the one that listens.
const poolSize = 16

// A connection's process in Postgres remembers every table that it ever saw, which with very many tenants is much: those that are
// not needed are closed soon, the others from time to time.
const (
	connIdle = time.Minute
	connLife = 15 * time.Minute
)

func newPool(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	settings.MaxConns = poolSize
	settings.MaxConnIdleTime, settings.MaxConnLifetime, settings.MaxConnLifetimeJitter = connIdle, connLife, connLife/5
	settings.ConnConfig.ConnectTimeout = 5 * time.Second
	settings.ConnConfig.RuntimeParams["application_name"] = "cutroom"
	return pgxpool.NewWithConfig(ctx, settings)
}

// close ends what newApp opened, for commands.
func (a *app) close() { a.db.Pool.Close() }

// Start begins to answer pages, to work jobs, or both, by roles. Stop ends it, also after a failed Start.
func (a *app) Start(ctx context.Context, roles ...string) error {
	ctx, a.running = context.WithCancel(context.WithoutCancel(ctx))
	a.bus.Start(ctx)
	a.presence.Start(ctx)
	if err := a.installs.RegisterBuiltins(ctx); err != nil {
		return err
	}
	address := ""
	if slices.Contains(roles, node.Pages) {
		if err := a.serve(); err != nil {
			return err
		}
		address = a.address.String()
	}
	var err error
	if a.heart, err = a.nodes.Start(ctx, node.Node{Name: a.config.Node, Roles: roles, Version: version(), Address: address}); err != nil {
		return err
	}
	if slices.Contains(roles, node.Jobs) {
		if err := a.work(ctx); err != nil {
			return err
		}
	}
	a.parts.Go(func() { a.drainWhenAsked(ctx) })
	slog.Info("node runs", "node", a.config.Node, "roles", roles, "address", address)
	return nil
}

// serve begins to listen and answer.
func (a *app) serve() error {
	a.server = &handlers.Server{
		DB: a.db, Users: a.users, Events: a.events, Uploads: a.uploads, Edits: a.edits, Runs: a.runs, Installs: a.installs, Fleet: a.fleet, LTI: a.lti, OIDC: a.oidc, Nodes: a.nodes, Presence: a.presence, Bus: a.bus, Files: a.files,
		Config: handlers.Config{PublicURL: a.config.PublicURL, Secret: []byte(a.config.Secret), TrustedProxies: a.config.TrustedProxies, Node: a.config.Node, Version: version()},
	}
	handler, err := a.server.Handler()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", a.config.Listen, err)
	}
	a.address = listener.Addr()
	a.http = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)}
	a.parts.Go(func() {
		if err := a.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.failures <- err
		}
	})
	return nil
}

// work begins to take jobs.
func (a *app) work(ctx context.Context) error {
	workers := river.NewWorkers()
	river.AddWorker(workers, &jobs.Render{Runs: a.runs, Files: a.files, Node: a.config.Node})
	river.AddWorker(workers, &jobs.Ingest{Uploads: a.uploads})
	river.AddWorker(workers, &jobs.Members{LTI: a.lti, Log: slog.Default()})
	river.AddWorker(workers, &jobs.TenantDelete{DB: a.db, Node: a.config.Node})
	upgrades := &jobs.Upgrades{Fleet: a.fleet, Log: slog.Default()}
	river.AddWorker(workers, &jobs.Install{Installs: a.installs, Node: a.config.Node, After: upgrades.After})
	a.worker = &jobs.Node{DB: a.db, Runs: a.runs, Installs: a.installs, Files: a.files, Workers: workers, Name: a.config.Node,
		Log: slog.New(atLeast{slog.Default().Handler(), slog.LevelWarn})}
	if err := a.worker.Start(ctx); err != nil {
		return err
	}
	keeper := &jobs.Files{DB: a.db, Uploads: a.uploads, Events: a.events, Users: a.users, Log: slog.Default()}
	a.parts.Go(func() { keeper.Run(ctx) })
	a.parts.Go(func() { upgrades.Run(ctx) })
	return nil
}

// drainWhenAsked takes nothing new from the moment an operator says so; the process stays until it is stopped.
func (a *app) drainWhenAsked(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-a.heart.Draining():
	}
	slog.Info("draining: this node finishes what it has and takes nothing new", "node", a.config.Node)
	if a.server != nil {
		a.server.Drain()
		a.closeSockets(ctx, 4*socketsApart)
	}
	if a.worker != nil {
		if err := a.worker.Drain(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("drain", "error", err)
		}
	}
}

// Stop ends the node within stopLimit: no new requests, runs go back to the other nodes, the node leaves the list. It may be
// called twice.
func (a *app) Stop() {
	a.stopOnce.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
		defer cancel()
		if a.server != nil {
			a.server.Drain()
			a.closeSockets(ctx, socketsApart)
		}
		var ending sync.WaitGroup
		if a.worker != nil {
			ending.Go(func() { logFailure("stop jobs", a.worker.Stop(ctx)) })
		}
		if a.http != nil {
			ending.Go(func() { a.closeHTTP(ctx) })
		}
		ending.Wait()
		if a.heart != nil {
			a.heart.Stop(ctx)
		}
		a.presence.Stop()
		a.bus.Stop()
		if a.running != nil {
			a.running()
		}
		a.parts.Wait()
		a.close()
	})
}

// socketsApart is the time over which a node that stops closes its sockets, so that clients do not all come back at once.
const socketsApart = 1200 * time.Millisecond

// closeSockets tells the clients of all sockets to come back to another node (1012).
func (a *app) closeSockets(ctx context.Context, over time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, over+2*time.Second)
	defer cancel()
	a.server.CloseSockets(ctx, over)
}

// closeHTTP lets requests that are under way end for two seconds; sockets and long downloads are then cut off, their clients
// come back to another node.
func (a *app) closeHTTP(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.http.Shutdown(ctx); err != nil {
		logFailure("close connections", a.http.Close())
	}
}

func logFailure(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		slog.Warn(what, "error", err)
	}
}
