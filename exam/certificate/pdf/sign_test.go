package pdf_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/certificate/pdf"
)

// authority makes a CA and a signer under it, as the registry does.
func authority(t testing.TB) (*x509.Certificate, pdf.Signer) {
	t.Helper()
	from, to := time.Now().Add(-time.Hour), time.Now().Add(24*365*time.Hour)
	issue := func(template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert, key
	}
	ca, caKey := issue(pdf.CATemplate(pkix.Name{CommonName: "医师定期考核登记系统 CA"}, big.NewInt(1), from, to), nil, nil)
	leaf, key := issue(pdf.LeafTemplate(pkix.Name{CommonName: "山西省卫生健康委员会", Country: []string{"CN"}}, big.NewInt(2), from, to), ca, caKey)
	return ca, pdf.Signer{Chain: []*x509.Certificate{leaf, ca}, Key: key, Name: "山西省卫生健康委员会", Reason: "医师定期考核结果通知书签发"}
}

func signed(t testing.TB) (file []byte, ca *x509.Certificate) {
	t.Helper()
	ca, signer := authority(t)
	page, err := drawer(t).Draw(samples[0].notice(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err = pdf.Sign(page, signer, created)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(file), string(page)) {
		t.Error("signing changed the drawn bytes")
	}
	return file, ca
}

func pool(c *x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c)
	return p
}

func TestASignedNoticeVerifiesAndAChangedByteDoesNot(t *testing.T) {
	file, ca := signed(t)
	got, err := pdf.VerifyFile(file, pool(ca), time.Now())
	if err != nil || got.Name != "山西省卫生健康委员会" {
		t.Fatalf("%+v, %v", got, err)
	}
	refused := func(what string, f []byte, roots *x509.CertPool) {
		t.Helper()
		if _, err := pdf.VerifyFile(f, roots, time.Now()); exam.KindOf(err) != exam.Damaged {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Every part of the file; the signature's own bytes closely.
	gap := bytes.Index(file, []byte("/Contents <"))
	for i := 0; i < len(file); {
		b := bytes.Clone(file)
		b[i] ^= 1
		refused(fmt.Sprintf("byte %d (the signature begins at %d)", i, gap), b, pool(ca))
		if i < gap {
			i += min(len(file)/100, gap-i)
		} else {
			i += 5
		}
	}
	other, _ := authority(t)
	refused("another authority", file, pool(other))
	refused("no authority", file, x509.NewCertPool())
	refused("nil authority", file, nil)
	refused("more behind it", append(append([]byte(nil), file...), "\n%more"...), pool(ca))
	refused("cut", file[:len(file)-2], pool(ca))
	refused("empty", nil, pool(ca))
	page, _ := drawer(t).Draw(samples[0].notice(t))
	refused("unsigned", page, pool(ca))
}

func TestOnlyAPageDrawnHereIsSigned(t *testing.T) {
	file, _ := signed(t)
	_, signer := authority(t)
	for name, b := range map[string][]byte{"nothing": nil, "noise": []byte("%PDF-1.4 noise"), "a signed one": file} {
		if _, err := pdf.Sign(b, signer, created); err == nil {
			t.Errorf("signed %s", name)
		}
	}
	page, _ := drawer(t).Draw(samples[0].notice(t))
	if _, err := pdf.Sign(page, pdf.Signer{}, created); err == nil {
		t.Error("signed without a key")
	}
	_, stranger := authority(t)
	signer.Chain = []*x509.Certificate{signer.Chain[0], stranger.Chain[1]}
	if _, err := pdf.Sign(page, signer, created); err == nil {
		t.Error("signed with a chain that is none")
	}
}

func TestPopplerCallsTheSignatureValidAndTheCertificateTrusted(t *testing.T) {
	tool(t, "pdfsig", "poppler-utils")
	tool(t, "certutil", "libnss3-tools")
	file, ca := signed(t)
	dir := t.TempDir()
	path, db, pemFile := filepath.Join(dir, "notice.pdf"), filepath.Join(dir, "nss"), filepath.Join(dir, "ca.pem")
	write := func(path string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, file)
	write(pemFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}))
	if err := os.Mkdir(db, 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, "certutil", "-d", "sql:"+db, "-N", "--empty-password")
	run(t, "certutil", "-d", "sql:"+db, "-A", "-n", "dingkao", "-t", "CT,C,C", "-a", "-i", pemFile)
	out := run(t, "pdfsig", "-nssdir", db, path)
	t.Log(out)
	for _, want := range []string{"Signature is Valid.", "Certificate is Trusted.", "Total document signed", "山西省卫生健康委员会"} {
		if !strings.Contains(out, want) {
			t.Errorf("pdfsig does not say %q:\n%s", want, out)
		}
	}
	// Still one page that reads as before.
	if text := squeeze(run(t, "pdftotext", "-raw", path, "-")); !strings.Contains(text, "陈飞飞") {
		t.Error("the text is gone")
	}
	if info := run(t, "pdfinfo", path); !strings.Contains(info, "Pages:           1\n") {
		t.Error(info)
	}
	bad := append([]byte(nil), file...)
	bad[len(bad)/2] ^= 1
	write(path, bad)
	if out := run(t, "pdfsig", "-nssdir", db, path); strings.Contains(out, "Signature is Valid.") {
		t.Errorf("a changed file is valid:\n%s", out)
	}
}

// A file from outside may be anything; only the one that was signed verifies.
func FuzzVerifyFile(f *testing.F) {
	file, ca := signed(f)
	now := time.Now()
	f.Add(file)
	f.Add([]byte("/ByteRange [0 12 14 3] /Contents <00> x"))
	f.Add([]byte("/ByteRange [0 0 0 0]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := pdf.VerifyFile(b, pool(ca), now); err == nil && !bytes.Equal(b, file) {
			t.Fatal("another file verifies")
		}
		_, _ = pdf.Sign(b, pdf.Signer{Chain: []*x509.Certificate{ca}, Key: qrKey}, now)
	})
}
