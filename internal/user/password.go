package user

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"cutroom/internal/fault"
)

// Cost of a password: argon2id, as OWASP's Password Storage Cheat Sheet has it.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

// Bounds of a password, in bytes.
const (
	MinPassword = 8
	MaxPassword = 1024
)

func checkPassword(password string) error {
	if len(password) < MinPassword || len(password) > MaxPassword {
		text := fmt.Sprintf("A password has %d to %d signs.", MinPassword, MaxPassword)
		return fault.New(fault.Invalid, "error.password-length", text).With(map[string]any{"Least": MinPassword, "Most": MaxPassword}).
			WithFields(fault.Field{Path: "/password", Rule: "PasswordLength", Message: text})
	}
	return nil
}

// hashPassword makes the text that the person's row keeps (PHC string format). It waits until there is memory for it.
func (s *Store) hashPassword(ctx context.Context, password string) (string, error) {
	var salt [argonSalt]byte
	_, _ = rand.Read(salt[:])
	key, err := s.derive(ctx, password, salt[:], argonMemory, argonTime, argonLanes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(key)), nil
}

func (s *Store) derive(ctx context.Context, password string, salt []byte, memory, time uint32, lanes uint8) ([]byte, error) {
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.hashing }()
	return argon2.IDKey([]byte(password), salt, time, memory, lanes, argonKey), nil
}

// nobody is the hash of a password that nobody has: unknown people take as long as known ones.
var nobody = sync.OnceValue(func() string {
	salt := make([]byte, argonSalt)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(make([]byte, argonKey)))
})

var errHash = errors.New("the stored password hash cannot be read")

// matches says whether a password belongs to a stored hash; an empty hash matches none, in the same time.
func (s *Store) matches(ctx context.Context, password, stored string) (bool, error) {
	none := stored == ""
	if none {
		stored = nobody()
	}
	parts := strings.Split(stored, "$")
	var version int
	var memory, time uint32
	var lanes uint8
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes); err != nil {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errHash
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, errHash
	}
	got, err := s.derive(ctx, password, salt, memory, time, lanes)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && !none, nil
}
