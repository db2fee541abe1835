package user

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// newSecret makes 256 random bits as text that fits into an address.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends where there is no randomness
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashOf is what the tables keep of a secret. It has 256 random bits, so that one SHA-256 is enough.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// parseHash reads Who.Session.
func parseHash(session string) ([]byte, bool) {
	hash, err := hex.DecodeString(session)
	return hash, err == nil && len(hash) == sha256.Size
}
