package lti

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
	"cutroom/internal/live"
	"cutroom/internal/seal"
	"cutroom/internal/user"
)

// heard keeps what was published.
type heard struct {
	mu      sync.Mutex
	notices []live.Notice
}

func (h *heard) Publish(notices ...live.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = append(h.notices, notices...)
}

func (h *heard) count(topic string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, notice := range h.notices {
		if notice.Topic == topic {
			n++
		}
	}
	return n
}

type bundle struct {
	*Store
	heard *heard
	admin user.Who
}

func setupPlatforms(t *testing.T) bundle {
	t.Helper()
	sealed, err := seal.New([]byte("a secret of the installation, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	h := &heard{}
	db := dbtest.New(t)
	return bundle{&Store{DB: db, Bus: h, Users: user.New(db, h), Seal: sealed}, h, user.System(dbtest.Tenant)}
}

// moodle is a registration with nothing wrong.
func moodle() NewPlatform {
	return NewPlatform{Name: "Moodle", Issuer: "https://moodle.example.edu", ClientID: "client-1", Deployment: "1", AuthURL: "https://moodle.example.edu/mod/lti/auth.php",
		TokenURL: "https://moodle.example.edu/mod/lti/token.php", JWKSURL: "https://moodle.example.edu/mod/lti/certs.php"}
}

func fieldsOf(err error) (paths []string) {
	if f := fault.As(err); f != nil {
		for _, field := range f.Fields {
			paths = append(paths, field.Path)
		}
	}
	return paths
}

func (b bundle) auditOf(t *testing.T, action string) []user.AuditEntry {
	t.Helper()
	entries, _, err := b.Users.Audit(t.Context(), b.admin, user.AuditFilter{Action: action}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestAPlatformIsAddedFoundChangedAndRemoved(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	made, secret, err := b.Add(t.Context(), b.admin, moodle())
	if err != nil || secret != "" {
		t.Fatal(secret, err)
	}
	if made.Status != Active || made.Version != V13 || made.CreatedBy != "system" || made.Deployment != "1" {
		t.Errorf("%+v", made)
	}
	found, err := b.Find(t.Context(), b.admin, made.ID)
	if err != nil || found.Issuer != "https://moodle.example.edu" {
		t.Errorf("%+v %v", found, err)
	}
	prefix, name, mapped := "m_", "Our Moodle", map[string][]string{"http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator": {"LMS_ADMINS"}}
	frames := []string{"https://www.Moodle.example.edu/", "https://www.moodle.example.edu:443"}
	changed, err := b.Change(t.Context(), b.admin, made.ID, Change{Name: &name, RolePrefix: &prefix, RoleMap: &mapped, FrameOrigins: &frames})
	if err != nil || changed.Name != name || changed.RolePrefix != prefix || len(changed.RoleMap) != 1 || !slices.Equal(changed.FrameOrigins, []string{"https://www.moodle.example.edu"}) {
		t.Errorf("%+v %v", changed, err)
	}
	all, err := b.List(t.Context(), b.admin)
	if err != nil || len(all) != 1 || all[0].Name != name {
		t.Errorf("%+v %v", all, err)
	}
	if err := b.Remove(t.Context(), b.admin, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Find(t.Context(), b.admin, made.ID); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if err := b.Remove(t.Context(), b.admin, made.ID); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if n := b.heard.count("lti"); n != 3 {
		t.Errorf("%d notices", n)
	}
	for _, action := range []string{"lti.add", "lti.change", "lti.remove"} {
		if entries := b.auditOf(t, action); len(entries) != 1 || entries[0].Subject != string(made.ID) {
			t.Errorf("%s: %+v", action, entries)
		}
	}
}

func TestNobodyButAdminsSeesOrChangesRegistrations(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	for _, who := range []user.Who{user.Anonymous(dbtest.Tenant), {Tenant: dbtest.Tenant, User: "ben", Role: "editor"}} {
		_, _, add := b.Add(t.Context(), who, moodle())
		_, list := b.List(t.Context(), who)
		_, find := b.Find(t.Context(), who, "x")
		_, change := b.Change(t.Context(), who, "x", Change{})
		_, approve := b.Approve(t.Context(), who, "x", "")
		for _, err := range []error{add, list, find, change, approve, b.Remove(t.Context(), who, "x")} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Error(err)
			}
		}
	}
}

func TestWhatIsWrongWithARegistrationIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	for what, c := range map[string]struct {
		change func(*NewPlatform)
		field  string
	}{
		"no issuer":            {func(n *NewPlatform) { n.Issuer = "" }, "/issuer"},
		"issuer by http":       {func(n *NewPlatform) { n.Issuer = "http://moodle.example.edu" }, "/issuer"},
		"issuer is a word":     {func(n *NewPlatform) { n.Issuer = "moodle" }, "/issuer"},
		"keys by http":         {func(n *NewPlatform) { n.JWKSURL = "http://moodle.example.edu/certs" }, "/jwksUrl"},
		"keys by file":         {func(n *NewPlatform) { n.JWKSURL = "file:///etc/passwd" }, "/jwksUrl"},
		"sign-in with a name":  {func(n *NewPlatform) { n.AuthURL = "https://ann:pw@moodle.example.edu/auth" }, "/authUrl"},
		"sign-in with a part":  {func(n *NewPlatform) { n.AuthURL = "https://moodle.example.edu/auth#x" }, "/authUrl"},
		"token by javascript":  {func(n *NewPlatform) { n.TokenURL = "javascript:alert(1)" }, "/tokenUrl"},
		"an address too long":  {func(n *NewPlatform) { n.AuthURL += "?" + strings.Repeat("x", mostURL) }, "/authUrl"},
		"no client":            {func(n *NewPlatform) { n.ClientID = " " }, "/clientId"},
		"no deployment":        {func(n *NewPlatform) { n.Deployment = "" }, "/deployment"},
		"client of two lines":  {func(n *NewPlatform) { n.ClientID = "a\nb" }, "/clientId"},
		"client with zero":     {func(n *NewPlatform) { n.ClientID = "a\x00b" }, "/clientId"},
		"client too long":      {func(n *NewPlatform) { n.ClientID = strings.Repeat("x", 256) }, "/clientId"},
		"name not UTF-8":       {func(n *NewPlatform) { n.Name = "a\xff" }, "/name"},
		"a system prefix":      {func(n *NewPlatform) { n.RolePrefix = "ROLE_" }, "/rolePrefix"},
		"a system prefix, low": {func(n *NewPlatform) { n.RolePrefix = "role_x" }, "/rolePrefix"},
		"prefix with a blank":  {func(n *NewPlatform) { n.RolePrefix = "a b" }, "/rolePrefix"},
		"prefix too long":      {func(n *NewPlatform) { n.RolePrefix = strings.Repeat("x", 65) }, "/rolePrefix"},
		"frame with a path":    {func(n *NewPlatform) { n.FrameOrigins = []string{"https://a.example/x"} }, "/frameOrigins"},
		"frame of all":         {func(n *NewPlatform) { n.FrameOrigins = []string{"*"} }, "/frameOrigins"},
		"frame of any host":    {func(n *NewPlatform) { n.FrameOrigins = []string{"https://*.example"} }, "/frameOrigins"},
		"frame and more":       {func(n *NewPlatform) { n.FrameOrigins = []string{"https://a.example; script-src *"} }, "/frameOrigins"},
		"frame by http":        {func(n *NewPlatform) { n.FrameOrigins = []string{"http://a.example"} }, "/frameOrigins"},
		"frame by data":        {func(n *NewPlatform) { n.FrameOrigins = []string{"data:"} }, "/frameOrigins"},
		"a map to a system's":  {func(n *NewPlatform) { n.RoleMap = map[string][]string{"Learner": {"ROLE_ADMIN"}} }, "/roleMap"},
		"a map to nothing":     {func(n *NewPlatform) { n.RoleMap = map[string][]string{"Learner": nil} }, "/roleMap"},
		"a key":                {func(n *NewPlatform) { n.Key = "k" }, "/key"},
		"another version":      {func(n *NewPlatform) { n.Version = "2.0" }, "/version"},
		"1.1 with an issuer":   {func(n *NewPlatform) { n.Version, n.Key = V11, "k" }, "/issuer"},
		"1.1 without key":      {func(n *NewPlatform) { *n = NewPlatform{Version: V11} }, "/key"},
	} {
		n := moodle()
		c.change(&n)
		_, _, err := b.Add(t.Context(), b.admin, n)
		if fault.KindOf(err) != fault.Invalid || !slices.Contains(fieldsOf(err), c.field) {
			t.Errorf("%s: %v %v", what, err, fieldsOf(err))
		}
	}
	n := moodle()
	n.Issuer, n.ClientID, n.JWKSURL = "", "", "http://x.example"
	if _, _, err := b.Add(t.Context(), b.admin, n); len(fieldsOf(err)) != 3 {
		t.Errorf("of three wrong fields: %v", fieldsOf(err))
	}
	if all, err := b.List(t.Context(), b.admin); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	for _, host := range []string{"http://localhost:9000", "http://127.0.0.1:9000", "http://lms.localhost"} {
		n := moodle()
		n.Issuer, n.AuthURL, n.JWKSURL, n.ClientID = host, host+"/auth", host+"/keys", host
		n.TokenURL, n.RolePrefix = "", "p-"+strings.NewReplacer(":", "", "/", "").Replace(host)
		if _, _, err := b.Add(t.Context(), b.admin, n); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestEachIssuerAfterTheFirstHasAPrefixOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	add := func(issuer, client, prefix string) error {
		n := moodle()
		n.Issuer, n.ClientID, n.RolePrefix = issuer, client, prefix
		_, _, err := b.Add(t.Context(), b.admin, n)
		return err
	}
	for _, c := range []struct {
		issuer, client, prefix string
		kind                   fault.Kind
	}{
		{"https://a.example", "1", "", -1},
		{"https://a.example", "2", "", -1}, // the same courses
		{"https://b.example", "1", "", fault.Invalid},
		{"https://b.example", "1", "b_", -1},
		{"https://b.example", "2", "b_", -1},
		{"https://c.example", "1", "b_", fault.Conflict},
		{"https://c.example", "1", "c_", -1},
		{"https://a.example", "3", "", -1}, // as the others of this issuer
		{"https://c.example", "2", "", fault.Invalid},
	} {
		err := add(c.issuer, c.client, c.prefix)
		if c.kind == -1 && err != nil || c.kind != -1 && (fault.KindOf(err) != c.kind || !slices.Equal(fieldsOf(err), []string{"/rolePrefix"})) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, _, err := b.Add(t.Context(), b.admin, NewPlatform{Version: V11, Key: "old"}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
	made, _, err := b.Add(t.Context(), b.admin, NewPlatform{Version: V11, Key: "old", RolePrefix: "old_"})
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"", "b_"} {
		if _, err := b.Change(t.Context(), b.admin, made.ID, Change{RolePrefix: &prefix}); !slices.Equal(fieldsOf(err), []string{"/rolePrefix"}) {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

func TestARegistrationIsThereOnce(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	for range 2 {
		b.Add(t.Context(), b.admin, moodle())
	}
	_, _, err := b.Add(t.Context(), b.admin, moodle())
	if fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	n := moodle()
	n.Deployment = "2"
	if _, _, err := b.Add(t.Context(), b.admin, n); err != nil {
		t.Error(err)
	}
	key := NewPlatform{Version: V11, Key: "key", RolePrefix: "k_"}
	if _, _, err := b.Add(t.Context(), b.admin, key); err != nil {
		t.Error(err)
	}
	if _, _, err := b.Add(t.Context(), b.admin, key); fault.KindOf(err) != fault.Conflict || !slices.Equal(fieldsOf(err), []string{"/key"}) {
		t.Error(err)
	}
	if all, err := b.List(t.Context(), b.admin); err != nil || len(all) != 3 {
		t.Errorf("%d %v", len(all), err)
	}
}

func TestASecretIsToldOnceAndKeptSealed(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	made, secret, err := b.Add(t.Context(), b.admin, NewPlatform{Version: V11, Key: "key", FrameOrigins: []string{"https://lms.example"}})
	if err != nil || len(secret) != 43 {
		t.Fatal(secret, err)
	}
	var sealed []byte
	var row string
	err = b.DB.Read(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "select sealed_secret, p::text || encode(sealed_secret, 'escape') from lti_platform p").Scan(&sealed, &row)
	})
	if err != nil || strings.Contains(row, secret) {
		t.Fatal(row, err)
	}
	if text, err := b.Seal.Open("demo/lti_platform/"+string(made.ID), sealed); err != nil || string(text) != secret {
		t.Errorf("%q %v", text, err)
	}
	if _, err := b.Seal.Open("other/lti_platform/"+string(made.ID), sealed); !errors.Is(err, seal.ErrSealed) {
		t.Error(err)
	}
	all, err := b.List(t.Context(), b.admin)
	if err != nil {
		t.Fatal(err)
	}
	said, err := json.Marshal([]any{all, b.auditOf(t, "lti.add")})
	if err != nil || bytes.Contains(said, []byte(secret)) {
		t.Errorf("%s %v", said, err)
	}
}

func TestAWaitingPlatformIsApproved(t *testing.T) {
	t.Parallel()
	b := setupPlatforms(t)
	wait := func(issuer, client string) (id PlatformID) {
		n := moodle()
		n.Issuer, n.ClientID, n.Deployment, n.RoleMap, n.FrameOrigins = issuer, client, "", map[string][]string{}, []string{}
		err := b.DB.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			n.Version = V13
			p, err := insertTx(t.Context(), tx, newPlatformID(), n, Waiting, nil, user.Anonymous(dbtest.Tenant))
			id = p.ID
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	first, second := wait("https://a.example", "1"), wait("https://b.example", "1")
	if frames, err := b.Frames(t.Context(), dbtest.Tenant); err != nil || len(frames) != 0 {
		t.Errorf("a platform that waits frames: %v %v", frames, err)
	}
	p, err := b.Approve(t.Context(), b.admin, first, "")
	if err != nil || p.Status != Active || p.RolePrefix != "" || p.Deployment != "" {
		t.Errorf("%+v %v", p, err)
	}
	p, err = b.Approve(t.Context(), b.admin, second, " 7 ")
	if err != nil || p.Status != Active || p.RolePrefix != "b.example_" || p.Deployment != "7" {
		t.Errorf("%+v %v", p, err)
	}
	if _, err = b.Approve(t.Context(), b.admin, second, "8"); err != nil {
		t.Errorf("again: %v", err)
	}
	if p, _ := b.Find(t.Context(), b.admin, second); p.Deployment != "7" {
		t.Errorf("%+v", p)
	}
	if entries := b.auditOf(t, "lti.approve"); len(entries) != 2 {
		t.Errorf("%+v", entries)
	}
	name := "A"
	if p, err := b.Change(t.Context(), b.admin, first, Change{Name: &name}); err != nil || p.Deployment != "" {
		t.Errorf("the deployment is not known yet: %+v %v", p, err)
	}
	if _, err := b.Approve(t.Context(), b.admin, "nothing\x01", ""); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}
