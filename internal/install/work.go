package install

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"cutroom/internal/module"
)

// What a module is being told; it is written before the call.
const (
	callPurge   = "purge"
	callEnable  = "enable"
	callDisable = "disable"
)

// task is one module of an install while a node works on it.
type task struct {
	id, from, product string
	action            module.Action
	known             bool // there is such a module
	builtIn           bool

	stage, status, message string
	errors, warnings       []Problem
	calling                string // what it is being told; "": nothing
	job                    string // that the module began for it
	answer                 []byte // that it gave at the end of its job
	due                    time.Time
}

// outcome is how one module's calls ended.
type outcome struct {
	index       int
	err         error
	told        Told
	interrupted bool // this node stopped waiting for it; nothing is known
}

// work is an install in memory: a pure function of what was read at the claim and of the outcomes since. Its methods change
// tasks and remember which, so that one transaction can write them.
type work struct {
	plan
	tasks    []task
	has      map[string]string // product → the module that the tenant has of it
	options  Options
	called   func(id string) bool // by the option invoke
	modules  map[string]module.Descriptor
	deadline time.Duration
	aborting bool

	changed []int    // tasks to write
	enabled []string // changes of what the tenant has, in order: products
}

func (w *work) clone() *work {
	c := *w
	c.plan = w.plan.clone()
	c.tasks = slices.Clone(w.tasks)
	c.has = maps.Clone(w.has)
	c.changed, c.enabled = nil, nil
	return &c
}

// turn takes in how modules ended and begins what may begin now. It gives the modules that have to be called.
func (w *work) turn(outcomes []outcome) (begin []int) {
	w.take(outcomes)
	for {
		i, after, found := w.next()
		switch {
		case !found:
			return begin
		case after >= 0:
			w.fail(i, fmt.Sprintf("Not done, because %s before it failed", w.tasks[after].id))
		case w.begin(i):
			begin = append(begin, i)
		}
	}
}

// take takes in how modules ended, and an abort.
func (w *work) take(outcomes []outcome) {
	for _, o := range outcomes {
		w.end(o)
	}
	w.stopped = w.stopped || w.aborting
	if w.aborting && w.busy() == 0 {
		w.leaveOut()
	}
}

// over gives the state that the install ends in; false: some of it still runs, or may begin.
func (w *work) over() (State, bool) {
	if _, _, more := w.next(); more || w.busy() > 0 {
		return "", false
	}
	switch {
	case w.aborting:
		return Aborted, true
	case slices.Contains(w.at, failed):
		return Failed, true
	}
	return Done, true
}

// begin gives a module its turn. True: it has to be called; otherwise it has ended in the same moment.
func (w *work) begin(i int) bool {
	t := &w.tasks[i]
	switch t.action {
	case module.Enable:
		return w.beginEnable(i)
	case module.Disable:
		return w.beginDisable(i)
	}
	w.finish(i)
	return false
}

func (w *work) beginEnable(i int) bool {
	t := &w.tasks[i]
	now := w.has[t.product]
	switch {
	case !t.known:
		w.fail(i, "Module "+t.id+" not found")
		return false
	case now == t.id && t.from != t.id:
		w.finish(i) // an install before this one did it
		return false
	}
	if own := productOf(t.from); own == t.product || w.has[own] != t.from {
		t.from = now
	}
	t.calling = callEnable
	if w.options.Purge {
		t.calling = callPurge
	}
	return w.run(i)
}

func (w *work) beginDisable(i int) bool {
	t := &w.tasks[i]
	if w.has[t.product] != t.id {
		w.finish(i)
		return false
	}
	if t.builtIn && w.options.Purge {
		w.fail(i, purgeRefused(t.id))
		return false
	}
	t.calling = callDisable
	return w.run(i)
}

// run makes a module running, if there is anything to call. A module that wants to hear nothing has ended.
func (w *work) run(i int) bool {
	t := &w.tasks[i]
	if !w.calls(t) {
		w.finish(i)
		return false
	}
	w.at[i] = running
	t.stage, t.status, t.message = stageInvoke, stepRunning, ""
	t.due = time.Now().Add(w.deadline)
	w.changed = append(w.changed, i)
	return true
}

// calls says whether anything has to be done or asked for a module outside of the transaction.
func (w *work) calls(t *task) bool {
	if t.builtIn {
		return t.action == module.Enable
	}
	if !w.called(t.id) {
		return false
	}
	for _, c := range []string{t.calling, callEnable} {
		if c == callEnable && t.action != module.Enable {
			continue
		}
		call := callFor(t, w.modules[t.id], c)
		call.Purge = call.Purge || t.action == module.Disable && w.options.Purge
		if r, err := routesOf(call); err != nil || r.post != nil {
			return true
		}
	}
	return false
}

// callFor is what the module is told, without who and where.
func callFor(t *task, d module.Descriptor, calling string) Call {
	c := Call{Module: d, Action: module.Disable}
	switch calling {
	case callEnable:
		c.Action, c.From = module.Enable, t.from
	case callPurge:
		c.Purge = true
	}
	return c
}

// end takes in how a module's calls ended.
func (w *work) end(o outcome) {
	if o.interrupted || w.at[o.index] != running {
		return
	}
	t := &w.tasks[o.index]
	t.errors, t.warnings = append(t.errors, o.told.Errors...), append(t.warnings, o.told.Warnings...)
	if o.err != nil {
		w.fail(o.index, textOf(t.id, o.err))
		return
	}
	w.finish(o.index)
}

func (w *work) finish(i int) {
	t := &w.tasks[i]
	w.at[i] = finished
	t.stage, t.status, t.message, t.calling, t.job = stageDone, stepDone, "", "", ""
	switch t.action {
	case module.Enable:
		if own := productOf(t.from); own != t.product && own != "" && w.has[own] == t.from {
			w.set(own, "")
		}
		if w.has[t.product] != t.id {
			w.set(t.product, t.id)
		}
	case module.Disable:
		if w.has[t.product] == t.id {
			w.set(t.product, "")
		}
	}
	w.changed = append(w.changed, i)
}

func (w *work) set(product, id string) {
	if id == "" {
		delete(w.has, product)
	} else {
		w.has[product] = id
	}
	w.enabled = append(w.enabled, product)
}

// fail ends a module with a message. Unless errors are ignored nothing begins after it.
func (w *work) fail(i int, message string) {
	t := &w.tasks[i]
	w.at[i] = failed
	t.status, t.message, t.calling, t.job = stepError, message, "", ""
	if len(t.errors) == 0 {
		t.errors = append(t.errors, Problem{Message: message})
	}
	w.stopped = w.stopped || !w.options.IgnoreErrors
	w.changed = append(w.changed, i)
}

// leaveOut gives what an abort has left its message.
func (w *work) leaveOut() {
	for i := range w.tasks {
		if t := &w.tasks[i]; w.at[i] == waiting && t.message == "" {
			t.message = aborted
			w.changed = append(w.changed, i)
		}
	}
}

// deploy is the stage before all others, where it is asked for: we launch nothing, so what has no instance fails, and with it
// the install, ignored errors or not.
func (w *work) deploy(serving map[string]bool) {
	lost := false
	for i := range w.tasks {
		t := &w.tasks[i]
		if t.action != module.Enable && t.action != module.UpToDate || t.stage != stagePending {
			continue
		}
		t.stage = stageDeploy
		w.changed = append(w.changed, i)
		if !t.builtIn && !serving[t.id] {
			w.fail(i, "Module "+t.id+" has no launchDescriptor")
			lost = true
		}
	}
	w.stopped = w.stopped || lost
}

// productOf is the product of a module's id; "" of "".
func productOf(id string) string {
	parsed, err := module.ParseID(id)
	if err != nil || id == "" {
		return id
	}
	return parsed.Product
}
