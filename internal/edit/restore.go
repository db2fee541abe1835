package edit

import "crypto/rand"

// become appends the ops that make another state the present one.
func (w *writer) become(st State) error {
	base := w.rev
	for _, op := range Diff(w.src, w.state, st) {
		id := "restore-" + rand.Text()
		err := w.add(id, base, op)
		if CodeOf(err) == string(unknownAsset) {
			continue // a picture or a track that is gone
		}
		if err != nil {
			return err
		}
		w.results = append(w.results, Result{ID: id, Rev: w.rev})
	}
	return nil
}
