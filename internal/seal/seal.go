// Package seal keeps secrets that have to be read again, as keys that sign and secrets of other services: encrypted in the
// database, with a key that derives from CUTROOM_SECRET and is not there.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
)

// Key seals and opens. It is safe for concurrent use.
type Key struct{ aead cipher.AEAD }

// ErrSealed says that a sealed text cannot be opened: CUTROOM_SECRET changed, or it belongs to something else.
var ErrSealed = errors.New("a sealed secret cannot be opened: was CUTROOM_SECRET changed?")

// New derives a key from the installation's secret.
func New(secret []byte) (*Key, error) {
	raw, err := hkdf.Key(sha256.New, secret, nil, "cutroom sealed secrets", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Key{aead}, nil
}

// Seal encrypts text with AES-256-GCM. It opens only for the same place, a text that names tenant, table and row.
func (k *Key) Seal(place string, text []byte) []byte {
	return k.aead.Seal(nil, nil, text, []byte(place))
}

// Open gives what was sealed for a place, or ErrSealed.
func (k *Key) Open(place string, sealed []byte) ([]byte, error) {
	text, err := k.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return text, nil
}

// Random is a secret of 256 random bits.
func Random() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}
