package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func platformLines(t *testing.T, out string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(out) {
		var p map[string]any
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, p)
	}
	return all
}

func TestLearningPlatformsByCommand(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.environ = append(s.environ, "CUTROOM_SECRET=0123456789abcdef0123456789abcdef")
	add := []string{"lti", "add", "--tenant", "demo", "--issuer", "https://lms.example", "--client-id", "c,1", "--deployment", "d<1>", "--auth-url", "https://lms.example/auth", "--jwks-url", "https://lms.example/keys"}
	if out := s.must("lti", "list", "--tenant", "demo"); out != "" {
		t.Errorf("an empty list prints %q", out)
	}
	if out := s.must(append(add, "--frame-origin", "https://a.example", "--frame-origin", "https://b.example")...); out != "" {
		t.Errorf("add prints %q", out)
	}
	secret := s.must("lti", "add", "--tenant", "demo", "--v1p1", "--key", "old", "--role-prefix", "old_")
	if len(strings.TrimSpace(secret)) != 43 || strings.Count(secret, "\n") != 1 {
		t.Errorf("the secret is %q", secret)
	}
	out := s.must("lti", "list", "--tenant", "demo")
	if strings.Contains(out, strings.TrimSpace(secret)) {
		t.Error("the secret is shown again")
	}
	all := platformLines(t, out)
	if len(all) != 2 {
		t.Fatal(out)
	}
	modern, old := all[0], all[1]
	if modern["version"] != "1.3" || modern["issuer"] != "https://lms.example" || modern["clientId"] != "c,1" || modern["deployment"] != "d<1>" || modern["name"] != "lms.example" || modern["status"] != "active" {
		t.Errorf("%v", modern)
	}
	if issuer, there := old["issuer"]; old["version"] != "1.1" || !there || issuer != nil || old["name"] != "old" || old["key"] != "old" {
		t.Errorf("%v", old)
	}
	s.must("lti", "approve", "--tenant", "demo", modern["id"].(string))
	s.must("lti", "remove", "--tenant", "demo", modern["id"].(string))
	if all := platformLines(t, s.must("lti", "list", "--tenant", "demo")); len(all) != 1 {
		t.Errorf("%v", all)
	}
}

func TestWrongRegistrationsByCommand(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	right := "lti add --tenant demo --issuer https://lms.example --client-id c --deployment d --auth-url https://lms.example/auth --jwks-url https://lms.example/keys"
	s.must(strings.Fields(right)...)
	for command, c := range map[string]struct {
		code int
		says string
	}{
		"lti list": {wrongUsage, "--tenant"},
		"lti add --tenant demo --issuer https://lms.example":   {wrongUsage, "missing flags: --client-id=STRING, --deployment=STRING, --auth-url=STRING, --jwks-url=STRING"},
		"lti add --tenant demo --v1p1":                         {wrongUsage, "--key"},
		"lti add --tenant demo --v1p1 --key k --issuer x":      {wrongUsage, "leave --issuer"},
		right + " --key k":                                     {wrongUsage, "--v1p1"},
		"lti add --tenant demo --v1p1 --key k --role-prefix k": {failed, "CUTROOM_SECRET"},
		"lti list --tenant nobody":                             {failed, "nobody"},
		"lti approve --tenant demo nothing":                    {failed, "no learning platform nothing"},
		"lti remove --tenant demo nothing":                     {failed, "no learning platform nothing"},
		right:                                                  {failed, "already"},
		strings.ReplaceAll(right, "lms", "b"):                  {failed, "--role-prefix: There is a learning platform already"},
		strings.ReplaceAll(right, "https", "http"):             {failed, "--jwks-url: The address has to begin with https://"},
		right + " --role-prefix ROLE_X":                        {failed, "--role-prefix: Roles that begin with ROLE_"},
		right + " --frame-origin https://lms.example/x":        {failed, "--frame-origin: https://lms.example/x: An origin is"},
	} {
		out, complaint, code := s.call("", strings.Fields(command)...)
		if code != c.code || !strings.Contains(complaint, c.says) || out != "" || strings.Count(complaint, "\n") != 1 {
			t.Errorf("%s: exit %d, %s", command, code, complaint)
		}
	}
	if all := platformLines(t, s.must("lti", "list", "--tenant", "demo")); len(all) != 1 {
		t.Errorf("%v", all)
	}
}
