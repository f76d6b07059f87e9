package pdf

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/digitorus/pkcs7"

	"dingkao/exam"
)

// Signer is who signs notices. Its keys are made and kept by the registry.
type Signer struct {
	// Chain begins with the certificate of Key and goes up; the root may be
	// left out. Chain[0] should come from LeafTemplate: readers look for its uses.
	Chain []*x509.Certificate
	Key   crypto.Signer // ECDSA P-256 is what the registry uses
	Name  string        // shown by readers as who signed: the authority
	// Reason is shown beside it, for instance 医师定期考核结果通知书签发. May be empty.
	Reason string
}

// Sign adds a digital signature to a page drawn here, as an incremental update:
// the drawn bytes stay as they are and come first. It certifies the file (DocMDP
// 1: no change is allowed), has no appearance on the page, and says at, the
// registry's time. The CMS inside carries the signing library's own time as
// well, the chain, and an ECDSA signature: signing twice gives two files, so
// the caller stores one before it announces it.
func Sign(file []byte, s Signer, at time.Time) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		return nil, exam.Wrap(exam.Internal, err, "通知书的数字签名没有完成，签发的内容已保留，请重试；仍然如此请联系系统管理员")
	}
	if len(s.Chain) == 0 || s.Key == nil {
		return fail(errors.New("no certificate or key"))
	}
	doc, err := readTail(file)
	if err != nil {
		return fail(err)
	}
	// Room for the CMS: the certificates, and 2 KiB for everything else.
	room := 2048
	for _, c := range s.Chain {
		room += len(c.Raw)
	}

	const byteRange = "/ByteRange [0 0000000000 0000000000 0000000000]"
	stamp := pdfDate(at)
	field, sig := doc.size, doc.size+1
	out := bytes.NewBuffer(bytes.Clone(file))
	if !bytes.HasSuffix(file, []byte("\n")) {
		out.WriteByte('\n')
	}
	offsets := map[int]int{}
	object := func(n int, body string) {
		offsets[n] = out.Len()
		fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", n, body)
	}
	object(doc.page, strings.TrimSuffix(strings.TrimSpace(doc.pageBody), ">>")+fmt.Sprintf("/Annots [%d 0 R]>>", field))
	object(doc.root, strings.TrimSuffix(strings.TrimSpace(doc.rootBody), ">>")+
		fmt.Sprintf("/AcroForm <</Fields [%d 0 R] /SigFlags 3>>\n/Perms <</DocMDP %d 0 R>>\n>>", field, sig))
	object(field, fmt.Sprintf("<</Type /Annot /Subtype /Widget /FT /Sig /T (notice) /F 132 /Rect [0 0 0 0] /P %d 0 R /V %d 0 R>>", doc.page, sig))
	var described strings.Builder
	fmt.Fprintf(&described, "/M (%s) /Name %s", stamp, pdfText(s.Name))
	if s.Reason != "" {
		described.WriteString(" /Reason " + pdfText(s.Reason))
	}
	object(sig, "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached "+byteRange+
		"\n/Contents <"+strings.Repeat("0", 2*room)+">\n"+described.String()+
		"\n/Reference [<</Type /SigRef /TransformMethod /DocMDP /TransformParams <</Type /TransformParams /P 1 /V /1.2>>>>]>>")

	start := out.Len()
	out.WriteString("xref\n")
	for _, n := range slices.Sorted(maps.Keys(offsets)) {
		fmt.Fprintf(out, "%d 1\n%010d 00000 n \n", n, offsets[n])
	}
	// The identifier is made from the bytes signed, so that it needs no chance.
	id := sha256.Sum256(file)
	fmt.Fprintf(out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /Prev %d /ID [<%X> <%X>]>>\nstartxref\n%d\n%%%%EOF\n",
		doc.size+2, doc.root, doc.info, doc.xref, id[:16], sha256.Sum256(out.Bytes()), start)

	b := out.Bytes()
	contents := bytes.Index(b[offsets[sig]:], []byte("/Contents <")) + offsets[sig] + len("/Contents ")
	end := contents + 2*room + 2
	at1 := bytes.Index(b[offsets[sig]:], []byte(byteRange)) + offsets[sig]
	copy(b[at1:], fmt.Sprintf("/ByteRange [0 %010d %010d %010d]", contents, end, len(b)-end))

	signed := append(bytes.Clone(b[:contents]), b[end:]...)
	data, err := pkcs7.NewSignedData(signed)
	if err != nil {
		return fail(err)
	}
	data.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := data.AddSignerChain(s.Chain[0], s.Key, s.Chain[1:], pkcs7.SignerInfoConfig{}); err != nil {
		return fail(err)
	}
	data.Detach()
	cms, err := data.Finish()
	if err != nil {
		return fail(err)
	}
	if len(cms) > room {
		return fail(fmt.Errorf("signature of %d bytes for %d", len(cms), room))
	}
	copy(b[contents+1:], hex.EncodeToString(cms))
	return b, nil
}

// Signature is what a file says of its signing.
type Signature struct {
	Signer *x509.Certificate
	Name   string // the signer's common name, from its certificate
}

// ErrUnsigned says that a file bears no signature of the kind that Sign makes.
// It comes wrapped in an exam.Error of kind Damaged.
var ErrUnsigned = errors.New("no signature in the file")

// VerifyFile checks a signed notice without any other program: that the one
// signature covers every byte of the file, that the content is what was signed,
// and that the signer's certificate leads to roots at the time at. The error
// is Damaged, and says for the log what failed.
func VerifyFile(file []byte, roots *x509.CertPool, at time.Time) (Signature, error) {
	fail := func(err error) (Signature, error) {
		return Signature{}, exam.Wrap(exam.Damaged, err, "这份通知书的数字签名无效：文件被改动过，或不是由登记系统签发的。请以登记系统中的通知书为准")
	}
	if roots == nil {
		return fail(errors.New("no roots given"))
	}
	m := byteRangeForm.FindAllSubmatch(file, 2)
	if len(m) == 0 {
		return fail(ErrUnsigned)
	}
	if len(m) > 1 {
		return fail(errors.New("more than one signature"))
	}
	var n [4]int
	for i := range n {
		v, err := strconv.Atoi(string(m[0][i+1]))
		if err != nil || v > len(file) {
			return fail(errors.New("byte range is not one"))
		}
		n[i] = v
	}
	if n[0] != 0 || n[1] > n[2] || n[2]+n[3] != len(file) || n[2]-n[1] < 4 {
		return fail(errors.New("the signature does not cover the whole file"))
	}
	gap := file[n[1]:n[2]]
	if gap[0] != '<' || gap[len(gap)-1] != '>' || !bytes.HasSuffix(file[:n[1]], []byte("/Contents ")) {
		return fail(errors.New("something else than the signature is left out of it"))
	}
	cms := make([]byte, hex.DecodedLen(len(gap)-2))
	if _, err := hex.Decode(cms, gap[1:len(gap)-1]); err != nil {
		return fail(err)
	}
	var whole asn1.RawValue
	rest, err := asn1.Unmarshal(cms, &whole)
	if err != nil {
		return fail(err)
	}
	if len(bytes.Trim(rest, "\x00")) != 0 {
		return fail(errors.New("bytes behind the signature"))
	}
	p7, err := pkcs7.Parse(whole.FullBytes)
	if err != nil {
		return fail(err)
	}
	p7.Content = append(bytes.Clone(file[:n[1]]), file[n[2]:]...)
	if err := p7.VerifyWithChainAtTime(roots, at); err != nil {
		return fail(err)
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return fail(errors.New("not exactly one signer"))
	}
	if err := checkEnvelope(whole.FullBytes, signer); err != nil {
		return fail(err)
	}
	// Nothing travels along unproven: each certificate in the file is on the
	// way from the signer to a root.
	between := x509.NewCertPool()
	for _, c := range p7.Certificates {
		between.AddCert(c)
	}
	chains, err := signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}})
	if err != nil {
		return fail(err)
	}
	for _, c := range p7.Certificates {
		if !slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool { return slices.ContainsFunc(chain, c.Equal) }) {
			return fail(errors.New("a certificate in the file leads nowhere"))
		}
	}
	return Signature{Signer: signer, Name: signer.Subject.CommonName}, nil
}

// checkEnvelope holds what stands around the signature, and is not signed
// itself, to the one form in which Sign writes it, and checks the signature over
// the signed attributes as they stand (the library checks them re-encoded). So
// there are no two files of one signature.
func checkEnvelope(cms []byte, signer *x509.Certificate) error {
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content struct {
			Version int
			Digests []pkix.AlgorithmIdentifier `asn1:"set"`
			Content struct{ Type asn1.ObjectIdentifier }
			Certs   asn1.RawValue `asn1:"tag:0"`
			Signers []struct {
				Version    int
				Issuer     asn1.RawValue
				Digest     pkix.AlgorithmIdentifier
				Attributes asn1.RawValue `asn1:"tag:0"`
				Method     pkix.AlgorithmIdentifier
				Signature  []byte
			} `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(cms, &outer); err != nil {
		return err
	}
	c := outer.Content
	sha256 := func(a pkix.AlgorithmIdentifier) bool {
		return a.Algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA256) && len(a.Parameters.FullBytes) == 0
	}
	if !outer.Type.Equal(pkcs7.OIDSignedData) || c.Version != 1 || !c.Content.Type.Equal(pkcs7.OIDData) ||
		len(c.Digests) != 1 || !sha256(c.Digests[0]) ||
		len(c.Signers) != 1 || c.Signers[0].Version != 1 || !sha256(c.Signers[0].Digest) {
		return errors.New("not an envelope of ours")
	}
	s := c.Signers[0]
	attributes := bytes.Clone(s.Attributes.FullBytes)
	attributes[0] = 0x31 // signed as a SET
	for method, oid := range map[x509.SignatureAlgorithm]asn1.ObjectIdentifier{
		x509.ECDSAWithSHA256: pkcs7.OIDDigestAlgorithmECDSASHA256,
		x509.SHA256WithRSA:   pkcs7.OIDEncryptionAlgorithmRSASHA256,
		x509.PureEd25519:     pkcs7.OIDEncryptionAlgorithmEDDSA25519,
	} {
		if s.Method.Algorithm.Equal(oid) {
			return signer.CheckSignature(method, attributes, s.Signature)
		}
	}
	return errors.New("signed by a method that is not ours")
}

var byteRangeForm = regexp.MustCompile(`/ByteRange \[(\d{1,10}) (\d{1,10}) (\d{1,10}) (\d{1,10})\]`)

// LeafTemplate is a certificate for signing notices, to be completed by
// x509.CreateCertificate under the registry's authority. The uses are those
// that readers ask for: poppler takes only signers of mail, Adobe likes
// document signing (RFC 9336).
func LeafTemplate(subject pkix.Name, serial *big.Int, from, to time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: from, NotAfter: to,
		KeyUsage:           x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage:        []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}},

		BasicConstraintsValid: true,
	}
}

// CATemplate is the self-signed authority above it.
func CATemplate(subject pkix.Name, serial *big.Int, from, to time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true,
	}
}

// tail is what an update of a file drawn by gofpdf must know.
type tail struct {
	size, root, info, xref, page int
	rootBody, pageBody           string
}

var (
	trailerForm = regexp.MustCompile(`(?s)trailer\n<<\n/Size (\d+)\n/Root (\d+) 0 R\n/Info (\d+) 0 R\n>>\nstartxref\n(\d+)\n%%EOF\s*$`)
	kidsForm    = regexp.MustCompile(`/Kids \[(\d+) 0 R ?\]`)
	pagesForm   = regexp.MustCompile(`/Pages (\d+) 0 R`)
)

var errPDF = errors.New("not a page drawn here")

// readTail reads the end of a one-page file as gofpdf writes it. It is no PDF
// parser and takes nothing else.
func readTail(file []byte) (tail, error) {
	last := file[max(0, len(file)-512):]
	m := trailerForm.FindSubmatch(last)
	if m == nil {
		return tail{}, errPDF
	}
	var t tail
	for i, p := range []*int{&t.size, &t.root, &t.info, &t.xref} {
		n, err := strconv.Atoi(string(m[i+1]))
		if err != nil {
			return tail{}, errPDF
		}
		*p = n
	}
	var err error
	if t.rootBody, err = object(file, t.root, t); err != nil {
		return tail{}, err
	}
	number := func(form *regexp.Regexp, body string) int {
		m := form.FindStringSubmatch(body)
		if m == nil {
			return -1
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	pages, err := object(file, number(pagesForm, t.rootBody), t)
	if err != nil {
		return tail{}, err
	}
	t.page = number(kidsForm, pages)
	if t.pageBody, err = object(file, t.page, t); err != nil {
		return tail{}, err
	}
	if strings.Contains(t.pageBody, "/Annots") || strings.Contains(t.rootBody, "/AcroForm") {
		return tail{}, errPDF
	}
	return t, nil
}

// object is the dictionary of object n, found through the cross-reference table.
func object(file []byte, n int, t tail) (string, error) {
	head := fmt.Sprintf("xref\n0 %d\n", t.size)
	at := t.xref + len(head) + 20*n
	if n < 1 || n >= t.size || t.xref < 0 || at+20 > len(file) || !bytes.HasPrefix(file[t.xref:], []byte(head)) {
		return "", errPDF
	}
	offset, err := strconv.Atoi(string(file[at : at+10]))
	begin := fmt.Sprintf("%d 0 obj\n", n)
	if err != nil || offset < 0 || offset > len(file) || !bytes.HasPrefix(file[offset:], []byte(begin)) {
		return "", errPDF
	}
	body, _, ok := bytes.Cut(file[offset+len(begin):], []byte("endobj"))
	if !ok || !bytes.HasSuffix(bytes.TrimSpace(body), []byte(">>")) {
		return "", errPDF
	}
	return string(body), nil
}

// pdfDate is a date in China's time, as PDF writes it.
func pdfDate(t time.Time) string { return t.In(exam.China).Format("D:20060102150405+08'00'") }

// pdfText is a text string in UTF-16, in hexadecimal so that nothing needs escaping.
func pdfText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}
