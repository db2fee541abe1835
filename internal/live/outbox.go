package live

// outbox holds what has to go out, one item a key in the order of their first put. Its owner's lock guards it.
type outbox[K comparable, V any] struct {
	items map[K]V
	order []K
	wake  chan struct{} // holds one token when there is something
}

func newOutbox[K comparable, V any]() outbox[K, V] {
	return outbox[K, V]{items: map[K]V{}, wake: make(chan struct{}, 1)}
}

// put adds an item, joined with the one that waits under the same key.
func (o *outbox[K, V]) put(k K, join func(older, newer V) V, v V) {
	if old, there := o.items[k]; there {
		o.items[k] = join(old, v)
	} else {
		o.items[k] = v
		o.order = append(o.order, k)
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take empties the box.
func (o *outbox[K, V]) take() []V {
	all := make([]V, len(o.order))
	for i, k := range o.order {
		all[i] = o.items[k]
	}
	clear(o.items)
	o.order = nil
	return all
}
