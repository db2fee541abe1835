package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// An answer is kept for a day. Who sends the same key while the first request is still being answered waits for its
// answer; a request whose node died is done again after a while.
const (
	onceWait       = 20 * time.Second
	onceStale      = time.Minute
	onceStaleFiles = 6 * time.Hour // a recording may come slowly
	oncePoll       = 50 * time.Millisecond
)

// idempotencyKey gives the key of a POST that carries one.
func idempotencyKey(r *http.Request) (string, bool) {
	key := r.Header.Get("Idempotency-Key")
	return key, key != "" && r.Method == http.MethodPost
}

// once does what a request asks for once for each key of a person, and gives the same answer again to later requests with
// the key. Another request under a used key is refused.
func (s *Server) once(w http.ResponseWriter, r *http.Request, key string, sum [sha256.Size]byte, stale time.Duration, do func(http.ResponseWriter)) {
	if err := checkKey(key); err != nil {
		s.answer(w, r, err)
		return
	}
	claim := onceKey{key: key, route: r.Method + " " + r.URL.RequestURI(), sum: sum[:], stale: stale}
	kept, err := s.claimKey(r.Context(), whoOf(r.Context()), claim)
	if err != nil {
		s.answer(w, r, err)
		return
	}
	if kept != nil {
		kept.write(w)
		return
	}
	rec := &answer{header: http.Header{}, status: http.StatusOK}
	finished := false
	defer func() {
		if !finished { // a panic on its way: the next one tries again
			s.dropKey(r, key)
		}
	}()
	do(rec)
	finished = true
	s.keepAnswer(r, key, rec)
	rec.write(w)
}

// onceKey is a key and the request that it stands for.
type onceKey struct {
	key, route string
	sum        []byte
	stale      time.Duration // after which a request without an answer counts as lost
}

// withOnce does the same for what carries whole files: there the headers alone say whether it is the same request.
func (s *Server) withOnce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, given := idempotencyKey(r)
		if !given || !takesFiles(r) || !s.who(r).SignedIn() {
			next.ServeHTTP(w, r)
			return
		}
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		text := strings.Join([]string{strconv.FormatInt(r.ContentLength, 10), kind, r.Header.Get("Upload-Length"), r.Header.Get("Upload-Metadata")}, "\n")
		s.once(w, r, key, sha256.Sum256([]byte(text)), onceStaleFiles, func(w http.ResponseWriter) { next.ServeHTTP(w, r) })
	})
}

func checkKey(key string) error {
	good := len(key) <= 255
	for _, c := range []byte(key) {
		good = good && c >= 0x20 && c < 0x7f
	}
	if !good {
		return wrongField("/Idempotency-Key", "IdempotencyKey", "Use up to 255 printable ASCII signs.")
	}
	return nil
}

// claimKey gives the kept answer, or nil when the key is now this request's to answer.
func (s *Server) claimKey(ctx context.Context, who user.Who, k onceKey) (*answer, error) {
	deadline := time.Now().Add(onceWait)
	for {
		kept, claimed, err := s.tryKey(ctx, who, k)
		if err != nil || claimed || kept != nil {
			return kept, err
		}
		if time.Now().After(deadline) {
			return nil, fault.New(fault.Conflict, "error.idempotency-busy", "The first request with this Idempotency-Key is still being answered. Try again in a moment.")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(oncePoll):
		}
	}
}

// tryKey claims the key, or finds the answer, or neither while another request has it.
func (s *Server) tryKey(ctx context.Context, who user.Who, k onceKey) (kept *answer, claimed bool, err error) {
	err = s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `delete from idempotency where user_name = $1 and key = $2
			and (created < clock_timestamp() - interval '24 hours' or status is null and created < clock_timestamp() - $3::interval)`, who.User, k.key, k.stale)
		if err != nil {
			return err
		}
		if err := forgetKeys(ctx, tx); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, "insert into idempotency (user_name, key, route, body_hash, created) values ($1, $2, $3, $4, clock_timestamp()) on conflict do nothing",
			who.User, k.key, k.route, k.sum)
		if err != nil || tag.RowsAffected() == 1 {
			claimed = err == nil
			return err
		}
		kept, err = findAnswer(ctx, tx, who, k)
		return err
	})
	return kept, claimed, err
}

// forgetKeys removes some keys of the days before, so that the table stays small without a sweeper.
func forgetKeys(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `delete from idempotency where (user_name, key) in
		(select user_name, key from idempotency where created < clock_timestamp() - interval '24 hours' order by created limit 20 for update skip locked)`)
	return err
}

// findAnswer reads what is kept under a key; nil while there is no answer yet.
func findAnswer(ctx context.Context, tx pgx.Tx, who user.Who, k onceKey) (*answer, error) {
	var forRoute string
	var forBody []byte
	var status *int
	rec := &answer{}
	err := tx.QueryRow(ctx, "select route, body_hash, status, coalesce(headers, '{}'), coalesce(body, '') from idempotency where user_name = $1 and key = $2", who.User, k.key).
		Scan(&forRoute, &forBody, &status, &rec.header, &rec.kept)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // given up just now
	}
	if err != nil {
		return nil, err
	}
	if forRoute != k.route || !bytes.Equal(forBody, k.sum) {
		return nil, wrongField("/Idempotency-Key", "IdempotencyKey", "This key was used for another request.")
	}
	if status == nil {
		return nil, nil
	}
	rec.status = *status
	rec.body.Write(rec.kept)
	return rec, nil
}

// keepAnswer stores an answer. One that says "not now" is not kept: the next request tries again.
func (s *Server) keepAnswer(r *http.Request, key string, rec *answer) {
	if rec.status >= 500 || rec.status == http.StatusTooManyRequests {
		s.dropKey(r, key)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 10*time.Second)
	defer cancel()
	who := whoOf(ctx)
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "update idempotency set status = $3, headers = $4, body = $5 where user_name = $1 and key = $2", who.User, key, rec.status, rec.header, rec.body.Bytes())
		return err
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "an answer could not be kept for its Idempotency-Key", "err", err)
	}
}

func (s *Server) dropKey(r *http.Request, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 10*time.Second)
	defer cancel()
	who := whoOf(ctx)
	err := s.DB.Tx(ctx, who.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "delete from idempotency where user_name = $1 and key = $2 and status is null", who.User, key)
		return err
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "an Idempotency-Key could not be given up", "err", err)
	}
}

// answer holds an answer back until it is whole.
type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
	kept   []byte
}

// Header is that of the answer.
func (rec *answer) Header() http.Header { return rec.header }

// WriteHeader notes the first status.
func (rec *answer) WriteHeader(status int) {
	if !rec.wrote {
		rec.status, rec.wrote = status, true
	}
}

// Write keeps the body.
func (rec *answer) Write(b []byte) (int, error) {
	rec.wrote = true
	return rec.body.Write(b)
}

func (rec *answer) write(w http.ResponseWriter) {
	for name, values := range rec.header {
		w.Header()[name] = values
	}
	if rec.body.Len() > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(rec.body.Len()))
	}
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes())
}
