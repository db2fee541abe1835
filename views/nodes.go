package views

import (
	"context"
	"time"
)

// NodesPage is "/nodes". POST /nodes/{name}/drain.
type NodesPage struct {
	Page  Page
	Nodes []Node
	Self  string // the node that drew this page
}

// Node is one running process.
type Node struct {
	Name     string
	Pages    bool // serves pages
	Jobs     bool // works jobs
	Version  string
	Started  time.Time
	Unseen   time.Duration // since its last heartbeat
	Lost     bool          // unseen for too long, its work goes on elsewhere
	Draining bool
	Leader   bool
	People   int // open sockets
	Work     []NodeWork
}

// NodeWork is a run that a node works.
type NodeWork struct {
	Run, Title string
	Progress   float64
	Tenant     string // whose it is, where that is not the page's tenant
	Site       string // that tenant's address, "https://north.cutroom.example"
}

func (p NodesPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "nav.nodes"), "nodes")
	page.Refresh = 10
	return page
}

func (n Node) tag(ctx context.Context) Tag {
	switch {
	case n.Lost:
		return Tag{"failed", T(ctx, "nodes.lost", "Time", Clock(n.Unseen.Milliseconds()))}
	case n.Draining:
		return Tag{"changed", T(ctx, "nodes.draining")}
	}
	return Tag{"done", T(ctx, "nodes.seen", "Length", Length(ctx, n.Unseen.Truncate(time.Second).Milliseconds()))}
}

// does tells a node's roles in words.
func (n Node) does(ctx context.Context) string {
	words := ""
	if n.Pages {
		words = join(words, T(ctx, "nodes.pages", "PluralCount", n.People))
	}
	if n.Jobs {
		words = join(words, T(ctx, "nodes.jobs"))
	}
	if n.Leader {
		words = join(words, T(ctx, "nodes.leader"))
	}
	return words
}
