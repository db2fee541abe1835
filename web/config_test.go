package main

import (
	"log/slog"
	"strings"
	"testing"
)

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, err := readConfig([]string{"PATH=/bin", "CUTROOM_DATA=/data", "CUTROOM_LISTEN=127.0.0.1:9000", "CUTROOM_SECRET="})
	if err != nil {
		t.Fatal(err)
	}
	if c.PublicURL.String() != "http://localhost:9000" || c.StorageRoot != "/data/storage" || c.LogLevel != slog.LevelInfo || c.Secret != "" {
		t.Errorf("%+v", c)
	}
	other, err := readConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	if other.Listen != "127.0.0.1:8080" || other.PublicURL.String() != "http://localhost:8080" || !strings.HasSuffix(other.Data, "/.data") {
		t.Errorf("%+v", other)
	}
	if c.Node == other.Node {
		t.Errorf("two nodes are called %s", c.Node)
	}
}

func TestConfigTakesWhatIsGiven(t *testing.T) {
	t.Parallel()
	c, err := readConfig([]string{
		"CUTROOM_DATABASE_URL=postgres://u@a,b/db?target_session_attrs=read-write", "CUTROOM_STORAGE_URL=file:///mnt/media/", "CUTROOM_PUBLIC_URL=https://cut.example.edu/",
		"CUTROOM_NODE=n1", "CUTROOM_LOG=debug", "CUTROOM_TRUSTED_PROXIES=10.0.0.0/8, ::1", "CUTROOM_SECRET=" + strings.Repeat("s", minSecret),
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.StorageRoot != "/mnt/media" || c.PublicURL.String() != "https://cut.example.edu" || c.Node != "n1" || c.LogLevel != slog.LevelDebug || len(c.TrustedProxies) != 2 {
		t.Errorf("%+v", c)
	}
}

func TestConfigNamesEveryWrongVariable(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"CUTROOM_DATABASE_URL": "mysql://x", "CUTROOM_LISTEN_URL": "postgres://a:notaport/x", "CUTROOM_LISTEN": "rubbish", "CUTROOM_PUBLIC_URL": "localhost:8080",
		"CUTROOM_STORAGE_URL": "ftp://x", "CUTROOM_ELASTICSEARCH_URL": "http://x", "CUTROOM_NODE": "two words", "CUTROOM_LOG": "loud", "CUTROOM_SECRET": "short",
		"CUTROOM_TRUSTED_PROXIES": "10.0.0.1,here", "CUTROOM_NONSENSE": "1",
	}
	var environ []string
	for name, value := range wrong {
		environ = append(environ, name+"="+value)
		if _, err := readConfig([]string{name + "=" + value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	_, err := readConfig(environ)
	for name := range wrong {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
	for _, listen := range []string{"127.0.0.1:70000", "127.0.0.1:http", "8080", ":"} {
		if _, err := readConfig([]string{"CUTROOM_LISTEN=" + listen}); err == nil {
			t.Errorf("CUTROOM_LISTEN=%s is taken", listen)
		}
	}
}
