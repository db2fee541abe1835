package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// devSecret is the data folder's own secret, made at the first start: sessions and links stay good over a restart.
func devSecret(data string) (string, error) {
	path := filepath.Join(data, "secret")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		secret := rand.Text() + rand.Text()
		return secret, os.WriteFile(path, []byte(secret+"\n"), 0o600)
	}
	secret := strings.TrimSpace(string(text))
	if err == nil && len(secret) < minSecret {
		err = fmt.Errorf("%s is too short for a secret: delete it to have a new one made", path)
	}
	return secret, err
}
