package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

type clusterCommand struct{}

// Nodes of the cluster.
const (
	clusterPages = 3
	clusterJobs  = 2
)

// Run starts the demo on five processes: those that answer pages listen on the ports after the balancer's. Kill any of
// them: the others go on.
func (clusterCommand) Run(c *call) error {
	host, port, err := clusterAddress(c.config.Listen)
	if err != nil {
		return err
	}
	d, err := startDev(c)
	if err != nil {
		return err
	}
	defer d.stop()
	a, err := newApp(c.ctx, d.config)
	if err != nil {
		return err
	}
	defer a.close()
	if err := d.prepare(c.ctx, a); err != nil {
		return err
	}
	nodes := &children{}
	defer nodes.stop()
	var addresses []string
	for n := range clusterPages {
		address := net.JoinHostPort(host, strconv.Itoa(port+1+n))
		addresses = append(addresses, address)
		if err := nodes.start(d.nodeEnvironment(fmt.Sprintf("pages-%d", n+1), address), "serve"); err != nil {
			return err
		}
	}
	for n := range clusterJobs {
		if err := nodes.start(d.nodeEnvironment(fmt.Sprintf("jobs-%d", n+1), c.config.Listen), "work"); err != nil {
			return err
		}
	}
	b := newBalancer(addresses)
	if err := b.Start(c.config.Listen); err != nil {
		return err
	}
	defer b.Stop()
	if err := d.announce(c, a, fmt.Sprintf("Nodes listen at %v. Ctrl-C ends it.", addresses)); err != nil {
		return err
	}
	lecture := d.background(c.ctx, a)
	defer lecture()
	return d.wait(c.ctx, b)
}

// clusterAddress checks that there is room for the nodes' ports.
func clusterAddress(listen string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	if err != nil || port == 0 || port+clusterPages > 65535 {
		return "", 0, usage(fmt.Errorf("CUTROOM_LISTEN: a cluster needs a port with %d free ones after it, not %q", clusterPages, text))
	}
	return host, port, nil
}

// nodeEnvironment is the whole configuration of a node, as an operator would give it.
func (d *dev) nodeEnvironment(name, listen string) []string {
	return append(os.Environ(),
		"CUTROOM_DATABASE_URL="+d.config.DatabaseURL, "CUTROOM_STORAGE_URL=file://"+d.config.StorageRoot, "CUTROOM_SECRET="+d.config.Secret,
		"CUTROOM_PUBLIC_URL="+d.config.PublicURL.String(), "CUTROOM_TRUSTED_PROXIES=127.0.0.1,::1", "CUTROOM_NODE="+name, "CUTROOM_LISTEN="+listen)
}

// children are the nodes of the cluster.
type children struct{ running []*child }

type child struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// start runs this program with a command, in a process group of its own: a Ctrl-C reaches us alone, and stop ends all in
// order. It dies with us: see postgres.Server for why the thread is kept.
func (p *children) start(environ []string, command string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	one := &child{cmd: exec.Command(self, command), done: make(chan struct{})}
	one.cmd.Env, one.cmd.Stdout, one.cmd.Stderr = environ, os.Stdout, os.Stderr
	one.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer close(one.done)
		err := one.cmd.Start()
		started <- err
		if err == nil {
			slog.Info("node ended", "command", command, "pid", one.cmd.Process.Pid, "result", fmt.Sprint(one.cmd.Wait()))
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	p.running = append(p.running, one)
	return nil
}

// stop asks all nodes to end, and kills those that do not within the time that a node may take.
func (p *children) stop() {
	for _, one := range p.running {
		one.cmd.Process.Signal(syscall.SIGTERM)
	}
	limit := time.After(stopLimit + time.Second)
	for _, one := range p.running {
		select {
		case <-one.done:
		case <-limit:
			one.cmd.Process.Kill()
			<-one.done
		}
	}
}

// Start begins to answer at an address.
func (b *balancer) Start(listen string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", listen, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.server = &http.Server{Handler: b.proxy(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)}
	b.cancel = cancel
	for _, node := range b.nodes {
		b.looking.Go(func() { b.watch(ctx, node) })
	}
	b.looking.Go(func() { b.server.Serve(listener) })
	return nil
}

// Stop cuts all connections. It may be called twice.
func (b *balancer) Stop() {
	b.cancel()
	b.server.Close()
	b.looking.Wait()
}

// wait returns when ctx ends: a balancer does not end by itself.
func (b *balancer) wait(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
