// Package keys keeps what the registry signs with, in one folder: a
// certificate authority of its own (P-256, ten years), the leaf that serves
// TLS, the leaf that signs result notices for PDF readers, and the Ed25519 key
// of receipts and QR texts, with the public halves of those used before it.
//
// A registry belongs to one authority and stands in its own network, so it
// trusts no outside authority and needs none: terminals pin the SHA-256 of the
// authority's public key ([Ring.Pin]), which outlives every renewal of the
// leaves. Each key lies in one file together with its certificate, readable by
// the owner alone and written whole (sync, then a new name), so that no crash
// leaves a key without its certificate; two nodes that start for the first time
// on one shared folder end up with the same keys. What is lost here cannot be
// made again: the folder belongs into every backup.
package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/exam/certificate"
)

// The files in the folder. Only AuthorityCertificate is meant to be given away.
const (
	authorityFile        = "ca.pem"       // key and certificate of the authority
	AuthorityCertificate = "ca.crt"       // its certificate alone, PEM
	tlsFile              = "tls.pem"      // key and certificate
	documentFile         = "document.pem" // key and certificate
	receiptFile          = "receipt.pem"  // the Ed25519 key in use, then older public keys
)

const (
	authorityYears = 10
	documentYears  = 5 // at most to the authority's end
	tlsDays        = 397
	renewBefore    = 30 * 24 * time.Hour
)

// Options say what Open makes where nothing stands yet. The zero value works.
type Options struct {
	// Names are the host names and IP addresses under which terminals reach the
	// registry. Empty: this machine's own (localhost, 127.0.0.1, ::1).
	Names []string
	// Organisation stands in the certificates; "" means 医师定期考核登记处.
	Organisation string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Ring is the opened folder. All methods may be called from any goroutine.
type Ring struct {
	dir  string
	o    Options
	ca   pair
	docs pair

	mu      sync.Mutex // guards what stands below
	leaf    tls.Certificate
	sign    ed25519.PrivateKey
	earlier []ed25519.PublicKey // newest first
}

type pair struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// Open reads the folder and makes what it lacks: everything on the first run,
// a new TLS leaf when the old one is within 30 days of its end or stands for
// other names, a new document leaf likewise. The error is Damaged where a file
// does not read, and wraps the system's where the folder cannot be used; a file
// that stands is never replaced because it could not be read.
func Open(dir string, o Options) (*Ring, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Organisation == "" {
		o.Organisation = "医师定期考核登记处"
	}
	if len(o.Names) == 0 {
		o.Names = []string{"localhost", "127.0.0.1", "::1"}
	}
	o.Names = slices.Clone(o.Names)
	for i, n := range o.Names {
		if ip := net.ParseIP(n); ip != nil {
			o.Names[i] = ip.String() // one way to write it, so that it compares
		}
	}
	slices.Sort(o.Names)
	o.Names = slices.Compact(o.Names)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	r := &Ring{dir: dir, o: o}
	for _, step := range []func() error{r.openAuthority, r.openDocument, r.openReceipt, r.openTLS} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Authority is the certificate authority's certificate, and AuthorityPEM the
// same as ca.crt holds it.
func (r *Ring) Authority() *x509.Certificate { return r.ca.cert }

// AuthorityPEM is the authority's certificate as PEM.
func (r *Ring) AuthorityPEM() []byte { return certPEM(r.ca.cert) }

// AuthorityPath is the file that may be given away.
func (r *Ring) AuthorityPath() string { return filepath.Join(r.dir, AuthorityCertificate) }

// Pin is what terminals are given to know this registry by: the SHA-256 of the
// authority's SubjectPublicKeyInfo, 64 lower-case hexadecimal digits.
func (r *Ring) Pin() string { return PinOf(r.ca.cert) }

// PinOf is the pin of any certificate.
func PinOf(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// Document is the leaf that signs notices for PDF readers: its certificate, the
// key, and the chain to send along (the authority).
func (r *Ring) Document() (*x509.Certificate, crypto.Signer, []*x509.Certificate) {
	return r.docs.cert, r.docs.key, []*x509.Certificate{r.ca.cert}
}

// Receipt is the key of receipts and QR texts, with its id.
func (r *Ring) Receipt() (id string, key ed25519.PrivateKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return idOf(r.sign.Public().(ed25519.PublicKey)), r.sign
}

// Published are the public keys by which receipts and QR texts are checked: the
// one in use first, then the earlier ones.
func (r *Ring) Published() []exam.PublicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []exam.PublicKey{publish(r.sign.Public().(ed25519.PublicKey))}
	for _, k := range r.earlier {
		list = append(list, publish(k))
	}
	return list
}

// Rotate puts a new receipt key into use and keeps the public half of the old:
// what it signed stays valid.
func (r *Ring) Rotate() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	earlier := append([]ed25519.PublicKey{r.sign.Public().(ed25519.PublicKey)}, r.earlier...)
	raw, err := receiptPEM(key, earlier)
	if err != nil {
		return err
	}
	if err := write(r.path(receiptFile), raw, 0o600, true); err != nil {
		return err
	}
	r.sign, r.earlier = key, earlier
	return nil
}

// TLS is the server's configuration: TLS 1.3 alone. The leaf renews itself
// while the server runs.
func (r *Ring) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if !r.fresh(r.leaf.Leaf) {
				if err := r.renewTLS(); err != nil && r.o.Now().After(r.leaf.Leaf.NotAfter) {
					return nil, err // until then the old one serves on
				}
			}
			leaf := r.leaf
			return &leaf, nil
		},
	}
}

// PinnedTLS is a client's configuration that accepts a server whose certificate
// an authority with one of the pins has issued, and nobody else. Host names are
// not looked at: the pin says more, and rooms reach the registry by addresses.
func PinnedTLS(now func() time.Time, pins ...string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, // VerifyConnection does the checking, by pin
		VerifyConnection: func(s tls.ConnectionState) error {
			for _, ca := range s.PeerCertificates[1:] {
				if !slices.Contains(pins, PinOf(ca)) {
					continue
				}
				pool := x509.NewCertPool()
				pool.AddCert(ca)
				_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: pool, CurrentTime: now()})
				return err
			}
			return errors.New("keys: the server's certificate was not issued by the pinned authority")
		},
	}
}

// files are what a backup of the folder holds.
var files = []string{authorityFile, tlsFile, documentFile, receiptFile}

// Export is the folder as one text, for a backup: it holds every private key.
func Export(dir string) ([]byte, error) {
	kept := map[string]string{}
	for _, name := range files {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		kept[name] = string(raw)
	}
	return json.MarshalIndent(kept, "", " ")
}

// Import puts an export into a folder that has no keys, or the same. The error
// is Refused where it has others, Damaged where the export does not read.
func Import(dir string, exported []byte) error {
	var kept map[string]string
	if err := json.Unmarshal(exported, &kept); err != nil || len(kept) != len(files) {
		return damaged("the export", err)
	}
	for _, name := range files {
		if kept[name] == "" {
			return damaged("the export", nil)
		}
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && string(raw) != kept[name] {
			return exam.Errorf(exam.Refused, "目录里已有另一套密钥（%s），没有恢复；请指定一个空目录", name)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, name := range files {
		if err := write(filepath.Join(dir, name), []byte(kept[name]), 0o600, true); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ring) path(name string) string { return filepath.Join(r.dir, name) }

func (r *Ring) openAuthority() error {
	p, err := readPair(r.path(authorityFile))
	if errors.Is(err, fs.ErrNotExist) {
		now := r.o.Now()
		t := &x509.Certificate{
			Subject:   pkix.Name{CommonName: r.o.Organisation + " CA", Organization: []string{r.o.Organisation}, Country: []string{"CN"}},
			NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0),
			IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
		if p, err = makePair(t, nil); err == nil {
			p, err = keep(r.path(authorityFile), p, false)
		}
	}
	if err != nil {
		return err
	}
	r.ca = p
	if raw, err := os.ReadFile(r.AuthorityPath()); err == nil && string(raw) == string(r.AuthorityPEM()) {
		return nil
	}
	return write(r.AuthorityPath(), r.AuthorityPEM(), 0o644, true)
}

// documentSigning is id-kp-documentSigning (RFC 9336).
var documentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}

func (r *Ring) openDocument() error {
	p, err := readPair(r.path(documentFile))
	if err == nil && r.fresh(p.cert) && p.cert.CheckSignatureFrom(r.ca.cert) == nil {
		r.docs = p
		return nil
	}
	absent := errors.Is(err, fs.ErrNotExist)
	if err != nil && !absent {
		return err
	}
	now := r.o.Now()
	end := now.AddDate(documentYears, 0, 0)
	if end.After(r.ca.cert.NotAfter) {
		end = r.ca.cert.NotAfter
	}
	t := &x509.Certificate{
		Subject:   pkix.Name{CommonName: r.o.Organisation + " 通知书签章", Organization: []string{r.o.Organisation}, Country: []string{"CN"}},
		NotBefore: now.Add(-time.Hour), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		// PDF readers look for either: NSS (poppler) takes a signer for one of e-mail.
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		UnknownExtKeyUsage:    []asn1.ObjectIdentifier{documentSigning},
		BasicConstraintsValid: true,
	}
	if p, err = makePair(t, &r.ca); err == nil {
		p, err = keep(r.path(documentFile), p, !absent)
	}
	r.docs = p
	return err
}

func (r *Ring) openTLS() error {
	p, err := readPair(r.path(tlsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && r.fresh(p.cert) && p.cert.CheckSignatureFrom(r.ca.cert) == nil && slices.Equal(namesOf(p.cert), r.o.Names) {
		r.leaf = r.serve(p)
		return nil
	}
	return r.renewTLS()
}

// renewTLS makes and keeps a new leaf.
func (r *Ring) renewTLS() error {
	now := r.o.Now()
	t := &x509.Certificate{
		Subject:   pkix.Name{CommonName: r.o.Names[0], Organization: []string{r.o.Organisation}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, tlsDays),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, n := range r.o.Names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	p, err := makePair(t, &r.ca)
	if err != nil {
		return err
	}
	if p, err = keep(r.path(tlsFile), p, true); err != nil {
		return err
	}
	r.leaf = r.serve(p)
	return nil
}

func (r *Ring) serve(p pair) tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.cert.Raw, r.ca.cert.Raw}, PrivateKey: p.key, Leaf: p.cert}
}

func (r *Ring) fresh(cert *x509.Certificate) bool {
	now := r.o.Now()
	return cert != nil && now.After(cert.NotBefore) && (now.Add(renewBefore).Before(cert.NotAfter) || cert.NotAfter.Equal(r.ca.cert.NotAfter))
}

func namesOf(cert *x509.Certificate) []string {
	names := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	slices.Sort(names)
	return names
}

func (r *Ring) openReceipt() error {
	path := r.path(receiptFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, key, kerr := ed25519.GenerateKey(rand.Reader)
		if kerr != nil {
			return kerr
		}
		if raw, err = receiptPEM(key, nil); err != nil {
			return err
		}
		if err = write(path, raw, 0o600, false); errors.Is(err, fs.ErrExist) {
			raw, err = os.ReadFile(path) // another process was first: its key counts
		}
	}
	if err != nil {
		return err
	}
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			key, ok := k.(ed25519.PrivateKey)
			if err != nil || !ok {
				return damaged(path, err)
			}
			r.sign = key
		case "PUBLIC KEY":
			k, err := x509.ParsePKIXPublicKey(block.Bytes)
			key, ok := k.(ed25519.PublicKey)
			if err != nil || !ok {
				return damaged(path, err)
			}
			r.earlier = append(r.earlier, key)
		}
	}
	if r.sign == nil {
		return damaged(path, nil)
	}
	return nil
}

func receiptPEM(key ed25519.PrivateKey, earlier []ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	raw := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, k := range earlier {
		der, err := x509.MarshalPKIXPublicKey(k)
		if err != nil {
			return nil, err
		}
		raw = append(raw, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	return raw, nil
}

func publish(k ed25519.PublicKey) exam.PublicKey { return exam.PublicKey{ID: idOf(k), Key: k} }

// idOf names a key as QR texts do, in hexadecimal digits.
func idOf(k ed25519.PublicKey) string {
	id := certificate.KeyID(k)
	return hex.EncodeToString(id[:])
}

// makePair makes a P-256 key and a certificate for it; the zero by means that
// it signs itself.
func makePair(t *x509.Certificate, by *pair) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	if t.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return pair{}, err
	}
	parent, signer := t, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, signer)
	if err != nil {
		return pair{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return pair{key, cert}, err
}

// keep writes the pair. Without replace, a pair that another process wrote
// first is taken instead.
func keep(path string, p pair, replace bool) (pair, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return pair{}, err
	}
	raw := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), certPEM(p.cert)...)
	err = write(path, raw, 0o600, replace)
	if errors.Is(err, fs.ErrExist) {
		return readPair(path)
	}
	return p, err
}

func certPEM(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

func readPair(path string) (pair, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return pair{}, err
	}
	var p pair
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			key, ok := k.(*ecdsa.PrivateKey)
			if err != nil || !ok {
				return pair{}, damaged(path, err)
			}
			p.key = key
		case "CERTIFICATE":
			if p.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
				return pair{}, damaged(path, err)
			}
		}
	}
	if p.key == nil || p.cert == nil || !p.key.PublicKey.Equal(p.cert.PublicKey) {
		return pair{}, damaged(path, nil)
	}
	return p, nil
}

func damaged(path string, err error) error {
	return exam.Wrap(exam.Damaged, fmt.Errorf("%s: %w", path, errors.Join(errors.New("not a key file of the registry"), err)),
		"密钥文件读不出来，请从备份恢复 "+filepath.Base(path)+"；没有改动任何文件")
}

// write puts raw at path so that a crash leaves either the old file or the new
// one whole. Without replace the error is fs.ErrExist where a file stands.
func write(path string, raw []byte, mode os.FileMode, replace bool) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(raw)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if replace {
		err = os.Rename(f.Name(), path)
	} else {
		err = os.Link(f.Name(), path)
	}
	if err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil {
		d.Sync() // not every system can; the rename is done either way
		d.Close()
	}
	return nil
}
