package keys

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dingkao/exam"
)

func open(t *testing.T, dir string, o Options) *Ring {
	t.Helper()
	r, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func at(year int) func() time.Time {
	return func() time.Time { return time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC) }
}

func TestTheSameKeysStandAfterARestart(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, Options{Now: at(2026)}), open(t, dir, Options{Now: at(2026)})
	ai, ak := a.Receipt()
	bi, bk := b.Receipt()
	if a.Pin() != b.Pin() || ai != bi || !ak.Equal(bk) {
		t.Error("a restart changed the keys")
	}
	da, _, _ := a.Document()
	db, _, _ := b.Document()
	if !da.Equal(db) || !a.leaf.Leaf.Equal(b.leaf.Leaf) {
		t.Error("a restart changed a certificate")
	}
	if len(a.Pin()) != 64 {
		t.Errorf("the pin is %q", a.Pin())
	}
	raw, err := os.ReadFile(filepath.Join(dir, AuthorityCertificate))
	if err != nil || string(raw) != string(a.AuthorityPEM()) {
		t.Errorf("ca.crt: %v", err)
	}
}

func TestPrivateKeysAreForTheOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, Options{})
	list, _ := os.ReadDir(dir)
	if len(list) != 5 {
		t.Errorf("%d files, want 5 and no leftovers", len(list))
	}
	for _, f := range list {
		info, _ := f.Info()
		want := os.FileMode(0o600)
		if f.Name() == AuthorityCertificate {
			want = 0o644
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
}

func TestTheLeafIsRenewedNearItsEndAndForOtherNames(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	r := open(t, dir, Options{Names: []string{"registry.example", "10.0.0.5"}, Now: clock})
	first := r.leaf.Leaf
	if err := first.VerifyHostname("10.0.0.5"); err != nil {
		t.Error(err)
	}
	cfg := r.TLS()
	now = now.AddDate(0, 0, tlsDays-31)
	if c, err := cfg.GetCertificate(nil); err != nil || !c.Leaf.Equal(first) {
		t.Errorf("renewed too early: %v", err)
	}
	now = now.AddDate(0, 0, 2)
	c, err := cfg.GetCertificate(nil)
	if err != nil || c.Leaf.Equal(first) {
		t.Fatalf("not renewed while serving: %v", err)
	}
	again := open(t, dir, Options{Names: []string{"10.0.0.5", "registry.example", "10.0.0.5"}, Now: clock})
	if !again.leaf.Leaf.Equal(c.Leaf) {
		t.Error("the renewed leaf was not kept")
	}
	other := open(t, dir, Options{Names: []string{"other.example"}, Now: clock})
	if other.leaf.Leaf.VerifyHostname("other.example") != nil || other.Pin() != r.Pin() {
		t.Error("new names want a new leaf and the same authority")
	}
}

func TestTheDocumentLeafIsForSigningOnly(t *testing.T) {
	r := open(t, t.TempDir(), Options{Now: at(2026)})
	cert, key, chain := r.Document()
	pool := x509.NewCertPool()
	pool.AddCert(chain[0])
	verify := func(u x509.ExtKeyUsage, year int) error {
		_, err := cert.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: at(year)(), KeyUsages: []x509.ExtKeyUsage{u}})
		return err
	}
	if err := verify(x509.ExtKeyUsageEmailProtection, 2030); err != nil {
		t.Error(err)
	}
	if verify(x509.ExtKeyUsageServerAuth, 2026) == nil {
		t.Error("the document leaf would serve TLS")
	}
	if verify(x509.ExtKeyUsageEmailProtection, 2032) == nil {
		t.Error("the document leaf does not end")
	}
	if cert.KeyUsage&x509.KeyUsageContentCommitment == 0 || key == nil {
		t.Error("the document leaf lacks non-repudiation")
	}
}

func TestWhatAnEarlierKeySignedStaysValid(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{})
	id, old := r.Receipt()
	sig := ed25519.Sign(old, []byte("receipt"))
	if err := r.Rotate(); err != nil {
		t.Fatal(err)
	}
	if now, _ := r.Receipt(); now == id {
		t.Fatal("not rotated")
	}
	list := open(t, dir, Options{}).Published()
	if len(list) != 2 || list[0].ID == id || list[1].ID != id || !ed25519.Verify(list[1].Key, []byte("receipt"), sig) {
		t.Errorf("published: %v", list)
	}
}

func TestADamagedFileIsReportedAndLeftAlone(t *testing.T) {
	for _, name := range []string{authorityFile, tlsFile, documentFile, receiptFile} {
		dir := t.TempDir()
		open(t, dir, Options{})
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("not a key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{}); exam.KindOf(err) != exam.Damaged {
			t.Errorf("%s: %v", name, err)
		}
		if raw, _ := os.ReadFile(path); string(raw) != "not a key" {
			t.Errorf("%s was replaced", name)
		}
	}
}

func TestTwoFirstStartsAgreeOnTheKeys(t *testing.T) {
	dir := t.TempDir()
	rings := make(chan *Ring, 8)
	for range cap(rings) {
		go func() {
			r, err := Open(dir, Options{})
			if err != nil {
				t.Error(err)
			}
			rings <- r
		}()
	}
	first := <-rings
	id, _ := first.Receipt()
	for range cap(rings) - 1 {
		r := <-rings
		if i, _ := r.Receipt(); r.Pin() != first.Pin() || i != id {
			t.Error("two starts made different keys")
		}
	}
}

func TestOnlyThePinnedAuthorityIsTrusted(t *testing.T) {
	ours, foreign := open(t, t.TempDir(), Options{}), open(t, t.TempDir(), Options{})
	dial := func(server *Ring, pin string) error {
		l, err := tls.Listen("tcp", "127.0.0.1:0", server.TLS())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if c, err := l.Accept(); err == nil {
				c.(*tls.Conn).Handshake()
				c.Close()
			}
		}()
		d := &net.Dialer{Timeout: 5 * time.Second}
		c, err := tls.DialWithDialer(d, "tcp", l.Addr().String(), PinnedTLS(time.Now, pin))
		if err == nil {
			c.Close()
		}
		return err
	}
	if err := dial(ours, ours.Pin()); err != nil {
		t.Error(err)
	}
	if dial(foreign, ours.Pin()) == nil {
		t.Error("a foreign authority was trusted")
	}
}

// A server that shows the right authority in its chain, but a leaf that this
// authority never signed, must be refused.
func TestABorrowedAuthorityCertificateDoesNotHelp(t *testing.T) {
	ours, foreign := open(t, t.TempDir(), Options{}), open(t, t.TempDir(), Options{})
	leaf := foreign.leaf.Leaf
	state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf, ours.ca.cert}}
	if PinnedTLS(time.Now, ours.Pin()).VerifyConnection(state) == nil {
		t.Error("a borrowed certificate was trusted")
	}
	state.PeerCertificates = state.PeerCertificates[:1]
	if PinnedTLS(time.Now, ours.Pin()).VerifyConnection(state) == nil {
		t.Error("a chain without the authority was trusted")
	}
}

func TestARestoredFolderSignsAsBefore(t *testing.T) {
	dir, empty := t.TempDir(), filepath.Join(t.TempDir(), "new")
	r := open(t, dir, Options{})
	if err := r.Rotate(); err != nil {
		t.Fatal(err)
	}
	out, err := Export(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // again is harmless
		if err := Import(empty, out); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, empty, Options{})
	if again.Pin() != r.Pin() || len(again.Published()) != 2 || again.Published()[0].ID != r.Published()[0].ID {
		t.Error("the keys changed on the way")
	}
	other := t.TempDir()
	pin := open(t, other, Options{}).Pin()
	if err := Import(other, out); exam.KindOf(err) != exam.Refused || open(t, other, Options{}).Pin() != pin {
		t.Errorf("a folder with other keys: %v", err)
	}
	if err := Import(t.TempDir(), out[:len(out)/2]); exam.KindOf(err) != exam.Damaged {
		t.Errorf("half an export: %v", err)
	}
}
