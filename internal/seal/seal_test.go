package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"cutroom/internal/seal"
)

func TestASealedTextOpensForItsPlaceAlone(t *testing.T) {
	t.Parallel()
	k, err := seal.New([]byte("a secret of the installation, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := k.Seal("demo/lti_key/1", []byte("text"))
	if bytes.Contains(sealed, []byte("text")) || bytes.Equal(sealed, k.Seal("demo/lti_key/1", []byte("text"))) {
		t.Error("sealing hides nothing")
	}
	if text, err := k.Open("demo/lti_key/1", sealed); err != nil || string(text) != "text" {
		t.Errorf("got %q, %v", text, err)
	}
	other, err := seal.New([]byte("another secret of another installation"))
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another place":  func() ([]byte, error) { return k.Open("demo/lti_key/2", sealed) },
		"another secret": func() ([]byte, error) { return other.Open("demo/lti_key/1", sealed) },
		"bent":           func() ([]byte, error) { return k.Open("demo/lti_key/1", append([]byte{1}, sealed...)) },
		"nothing":        func() ([]byte, error) { return k.Open("demo/lti_key/1", nil) },
	} {
		if text, err := open(); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
}
