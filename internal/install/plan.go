package install

// place is where a module of a plan stands.
type place int

const (
	waiting place = iota
	running
	finished
	failed
)

// plan says which module of an install begins when. It is a value: whoever changes a copy changes nothing else.
type plan struct {
	waits    [][]int // by index: the modules that have to be at their end before; never written to
	needs    [][]int // by index: those of them that have to have ended well; never written to
	at       []place
	parallel int
	stopped  bool // nothing begins any more
}

func (p plan) clone() plan {
	p.at = append([]place(nil), p.at...)
	return p
}

// busy is how many modules run.
func (p plan) busy() (n int) {
	for _, at := range p.at {
		if at == running {
			n++
		}
	}
	return n
}

// next is the first waiting module, in the order of the install, that may begin now. after is -1, or the failed one because of
// which it never may. found: there is one. Where modules wait for each other in a ring, the first of them begins.
func (p plan) next() (i, after int, found bool) {
	busy := p.busy()
	if p.stopped {
		return 0, -1, false
	}
	first := -1
	for i, at := range p.at {
		if at != waiting {
			continue
		}
		if first < 0 {
			first = i
		}
		open, lost := p.before(i)
		if lost >= 0 {
			return i, lost, true
		}
		if !open && busy < p.parallel {
			return i, -1, true
		}
	}
	if first >= 0 && busy == 0 {
		return first, -1, true
	}
	return 0, -1, false
}

// before says whether one of those that a module waits for is not at its end, and which that it needs failed; -1: none.
func (p plan) before(i int) (open bool, lost int) {
	for _, w := range p.waits[i] {
		open = open || p.at[w] == waiting || p.at[w] == running
	}
	for _, n := range p.needs[i] {
		if p.at[n] == failed {
			return open, n
		}
	}
	return open, -1
}
