// Package notary joins the drawing of notices (exam/certificate/pdf) with the
// registry's keys: it is the registry.Notary that a server and the tests use.
package notary

import (
	"crypto/x509"
	"time"

	"dingkao/exam"
	"dingkao/exam/certificate"
	"dingkao/exam/certificate/pdf"
	"dingkao/sync/registry/keys"
)

// Notary draws with one pair of fonts, parsed once, and signs with the ring's
// document leaf. It may be used by many goroutines.
type Notary struct {
	drawer *pdf.Drawer
	ring   *keys.Ring
	name   string
	now    func() time.Time
}

// New makes a notary. name is shown by PDF readers as who signed; now nil means
// time.Now. The error is Unavailable where there are no fonts (a build without
// `make fonts`), Invalid where they do not parse.
func New(ring *keys.Ring, regular, bold []byte, name string, now func() time.Time) (*Notary, error) {
	if len(regular) == 0 || len(bold) == 0 {
		return nil, exam.Errorf(exam.Unavailable, "本机没有打印字体，暂时不能签发通知书；请系统管理员安装字体后重试")
	}
	d, err := pdf.NewDrawer(regular, bold)
	if err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	return &Notary{d, ring, name, now}, nil
}

// Draw draws the page. Its date is the day of issue, so that a second drawing
// of the same notice gives the same bytes.
func (n *Notary) Draw(c certificate.Certificate, photoJPEG []byte, qrText string) ([]byte, error) {
	created, err := time.ParseInLocation(time.DateOnly, string(c.IssuedOn), exam.China)
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "发证日期不对，通知书没有生成")
	}
	return n.drawer.Draw(pdf.Notice{Certificate: c, QR: qrText, Photo: photoJPEG, Created: created})
}

// Sign signs the file.
func (n *Notary) Sign(file []byte) ([]byte, error) {
	cert, key, above := n.ring.Document()
	return pdf.Sign(file, pdf.Signer{
		Chain: append([]*x509.Certificate{cert}, above...), Key: key,
		Name: n.name, Reason: "医师定期考核结果通知书签发",
	}, n.now())
}
