package registry_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/registry"
	"dingkao/sync/registry/sqlstore"
	"dingkao/sync/registry/storetest"
	"dingkao/sync/wire"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// both runs a test on SQLite and on PostgreSQL.
func both(t *testing.T, f func(t *testing.T, w *world)) {
	t.Run("SQLite", func(t *testing.T) { f(t, newWorld(t, filepath.Join(t.TempDir(), "registry.db"))) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, newWorld(t, storetest.Postgres(t))) })
}

// world is a registry with two provinces, offices, staff and doctors.
type world struct {
	*registry.Registry
	t        *testing.T
	ctx      context.Context
	database string
	store    registry.Store
	blobs    registry.Blobs
	notary   *notary
	opt      registry.Options
	mu       sync.Mutex
	clock    time.Time
	doctors  []registry.RosterResult
}

const captcha = "2468"

var verifyURL = "https://example.cn/verify/"

func newWorld(t *testing.T, database string) *world {
	t.Helper()
	w := emptyWorld(t, database)
	w.must(w.AddProvince(w.ctx, exam.Province{Code: "14", Name: "山西省", Authority: "山西省卫生健康委员会"}))
	w.must(w.AddProvince(w.ctx, exam.Province{Code: "11", Name: "北京市", Authority: "北京市卫生健康委员会"}))
	for _, i := range []exam.Institution{
		{ID: "h14", Kind: exam.OfficeAuthority, Name: "山西省卫生健康委员会", Division: "14"},
		{ID: "h11", Kind: exam.OfficeAuthority, Name: "北京市卫生健康委员会", Division: "11"},
		{ID: "s1", Kind: exam.OfficeAssessor, Name: "太原市考核中心", Division: "1401"},
		{ID: "s2", Kind: exam.OfficeAssessor, Name: "大同市考核中心", Division: "1402"},
		{ID: "i1", Kind: exam.OfficeInstitution, Name: "太原市第一医院", Division: "140105", Assessor: "s1"},
		{ID: "i2", Kind: exam.OfficeInstitution, Name: "大同市中心医院", Division: "140213", Assessor: "s2"},
		{ID: "i3", Kind: exam.OfficeInstitution, Name: "北京医院", Division: "110101", Assessor: "s1"},
	} {
		w.must(w.AddInstitution(w.ctx, i))
	}
	w.must(w.AddCycle(w.ctx, exam.Cycle{ID: "2024", Name: "2024年度", From: "2024-07", To: "2025-07", Provinces: []string{"14", "11"},
		Fill: exam.Window{From: "2025-08-01", To: "2025-08-31"}, Review: exam.Window{From: "2025-08-01", To: "2025-09-30"},
		Attempts: 1, PassMark: 60, Minutes: 60, Questions: 100}))
	for _, u := range []registry.NewUser{
		{Province: "14", Login: "inst1", Name: "赵审", Role: exam.RoleInstitution, Office: "i1"},
		{Province: "14", Login: "inst2", Name: "钱审", Role: exam.RoleInstitution, Office: "i2"},
		{Province: "14", Login: "ass1", Name: "孙核", Role: exam.RoleAssessor, Office: "s1"},
		{Province: "14", Login: "ass2", Name: "李核", Role: exam.RoleAssessor, Office: "s2"},
		{Province: "14", Login: "auth", Name: "周发", Role: exam.RoleAuthority, Office: "h14"},
		{Province: "11", Login: "auth", Name: "吴发", Role: exam.RoleAuthority, Office: "h11"},
		{Province: "14", Login: "proc", Name: "郑监", Role: exam.RoleProctor},
		{Login: "admin", Name: "王管", Role: exam.RoleAdministrator},
	} {
		_, err := w.AddUser(w.ctx, u)
		w.must(err)
	}
	var rows []registry.RosterRow
	for i := range 4 {
		office := "i1"
		if i == 3 {
			office = "大同市中心医院"
		}
		rows = append(rows, registry.RosterRow{Line: i + 2, Province: "14", Identity: string(identity(i)), Name: fmt.Sprintf("医师%c", '甲'+rune(i)), Institution: office})
	}
	report, err := w.ImportRoster(w.ctx, rows)
	w.must(err)
	for _, r := range report {
		if r.Result != "added" || r.Application == "" {
			t.Fatalf("roster: %+v", r)
		}
	}
	w.doctors = report
	return w
}

func emptyWorld(t *testing.T, database string) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), database: database, notary: &notary{}, clock: time.Date(2025, 8, 15, 3, 0, 0, 0, time.UTC)}
	store, err := sqlstore.Open(w.ctx, database)
	w.must(err)
	t.Cleanup(func() { store.Close() })
	w.store = store
	w.blobs, err = registry.FolderBlobs(t.TempDir())
	w.must(err)
	w.opt = registry.Options{
		Store: w.store, Blobs: w.blobs, Notary: w.notary, Name: "考核", Version: "test", VerifyURL: verifyURL, RehearsalCaptcha: captcha,
		Signing: registry.SigningKey{KeyID: "k1", Receipt: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))},
		Hash:    registry.HashCost{MemoryKiB: 64, Passes: 1},
		Clock: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.clock = w.clock.Add(time.Millisecond)
			return w.clock
		},
		Log: func(message string, err error) { t.Logf("%s: %v", message, err) },
	}
	w.Registry, err = registry.Open(w.ctx, w.opt)
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func identity(i int) exam.Identity {
	return exam.WithCheckDigit(fmt.Sprintf("14010519800101%03d", 11+2*i))
}

// notary draws the facts as JSON, and can be made to fail.
type notary struct {
	mu   sync.Mutex
	fail error
	n    int
}

func (n *notary) Draw(c certificate.Certificate, photo []byte, qr string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return nil, n.fail
	}
	if len(photo) == 0 {
		return nil, errors.New("no photo came")
	}
	n.n++
	return json.Marshal(struct {
		C  certificate.Certificate
		QR string
		N  int
	}{c, qr, n.n})
}

func (n *notary) Sign(pdf []byte) ([]byte, error) { return append([]byte("signed "), pdf...), nil }

// enter signs in as a person does.
func (w *world) enter(province, login, password string) (wire.SignedIn, error) {
	w.t.Helper()
	k, err := w.NewCaptcha(w.ctx)
	w.must(err)
	if !bytes.HasPrefix(k.PNG, []byte("\x89PNG")) {
		w.t.Fatal("a captcha without a picture")
	}
	return w.SignIn(w.ctx, exam.Credentials{Province: province, Login: login, Password: password, Captcha: k.ID, Text: captcha, Terminal: "t1"},
		registry.Origin{Address: "10.0.0.1", Agent: "test"})
}

const password = "abcd1234"

// as is a session of the account with its password already changed.
func (w *world) as(province, login string) registry.Session {
	w.t.Helper()
	if in, err := w.enter(province, login, password); err == nil {
		s, err := w.Authenticate(w.ctx, in.Token)
		w.must(err)
		return s
	}
	in, err := w.enter(province, login, exam.FirstPassword)
	w.must(err)
	s, err := w.Authenticate(w.ctx, in.Token)
	w.must(err)
	w.must(w.ChangePassword(w.ctx, s, exam.FirstPassword, password))
	s, err = w.Authenticate(w.ctx, in.Token)
	w.must(err)
	return s
}

func (w *world) doctor(i int) *terminal {
	w.t.Helper()
	return &terminal{world: w, who: w.as("14", string(identity(i))), id: w.doctors[i].Application}
}

// terminal writes one doctor's stream.
type terminal struct {
	*world
	who  registry.Session
	id   exam.ApplicationID
	seq  uint64
	head wire.Hash
}

func (d *terminal) encode(act application.Act, body application.Body) json.RawMessage {
	d.t.Helper()
	_, raw, err := wire.Next(wire.ApplicationStream(d.id), d.seq+1, d.head, exam.InstantOf(d.opt.Clock()), "t1", string(act), body)
	d.must(err)
	return raw
}

func (d *terminal) advance(raw json.RawMessage) {
	d.seq++
	d.head = wire.HashOf(raw)
}

func (d *terminal) write(act application.Act, body application.Body) (wire.Receipt, error) {
	d.t.Helper()
	raw := d.encode(act, body)
	a, err := d.Append(d.ctx, d.who, []json.RawMessage{raw})
	if err == nil {
		d.advance(raw)
		if a.Receipt.Seq != d.seq || a.Receipt.Head != d.head {
			d.t.Fatalf("receipt %+v for %d", a.Receipt, d.seq)
		}
	}
	return a.Receipt, err
}

func (d *terminal) did(act application.Act, body application.Body) wire.Receipt {
	d.t.Helper()
	r, err := d.write(act, body)
	d.must(err)
	return r
}

func photo(n byte) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 200, 260))
	for i := range img.Pix {
		img.Pix[i] = n
	}
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// form is a complete form of the simple procedure; n makes the pictures its own.
func form(n byte) (application.Form, [][]byte) {
	p, q := photo(n), photo(n+100)
	blob := func(data []byte) exam.Blob {
		return exam.Blob{Hash: wire.BlobHashOf(data), Name: "照片.jpg", Size: len(data), Width: 200, Height: 260}
	}
	term := func(s string) exam.Term { return exam.Term{Code: "1", Name: s} }
	return application.Form{
		Basic: &application.Basic{Photo: blob(p), Sex: exam.Male, Birth: "1980-01-01", Ethnic: term("汉族"), Education: term("大学本科"), Email: "a@example.cn", Mobile: "13800000000"},
		Practice: &application.Practice{Department: "内科", Specialty: "心血管内科", Title: term("主治医师"), Level: term("执业医师"), Category: term("临床"),
			Scopes: []exam.Term{term("内科专业")}, QualificationNo: "2005141101" + string(identity(int(n)))[:17], LicenceNo: "110140000000001", LicenceOn: "2005-01-01"},
		History: &application.History{},
		Merit: &application.Merit{GoodRecord: application.Yes, BadRecord: application.No, Amount: application.MarkQualified, Quality: application.MarkQualified,
			Government: application.MarkQualified, NoSituation: true, Rating: application.RatingGood},
		Choice: &application.Choice{Procedure: application.Simple, Condition: application.ConditionTwelve, Proofs: []exam.Blob{blob(q)}, Report: strings.Repeat("述职", 20)},
	}, [][]byte{p, q}
}

func (w *world) decide(login string, act application.Act, reason string, ts ...application.Target) []application.Outcome {
	w.t.Helper()
	outs, err := w.Decide(w.ctx, w.as("14", login), application.Decision{Act: act, Reason: reason, Targets: ts})
	w.must(err)
	return outs
}

func (w *world) decided(login string, act application.Act, reason string, want application.State, ts ...application.Target) {
	w.t.Helper()
	for _, o := range w.decide(login, act, reason, ts...) {
		if o.Kind != "" || o.State != want {
			w.t.Fatalf("%s: %+v, want %s", act, o, want)
		}
	}
}

// enrolled brings doctor i up to a submission.
func (w *world) enrolled(i int) *terminal {
	w.t.Helper()
	office := "inst1"
	if i == 3 {
		office = "inst2"
	}
	w.decided(office, application.ActIncluded, "", application.Included, application.Target{Application: w.doctors[i].Application})
	d := w.doctor(i)
	f, pictures := form(byte(i))
	for _, p := range pictures {
		w.must(w.PutBlob(w.ctx, d.who, wire.BlobHashOf(p), p))
	}
	d.did(application.ActSaved, application.Body{Form: &f})
	d.did(application.ActSubmitted, application.Body{})
	return d
}

func (d *terminal) target() application.Target {
	return application.Target{Application: d.id, On: d.seq}
}

// qualified brings doctor i up to the end of the simple procedure.
func (w *world) qualified(i int) *terminal {
	w.t.Helper()
	d := w.enrolled(i)
	w.decided("inst1", application.ActApproved, "", application.AwaitingAssessor, d.target())
	w.decided("ass1", application.ActApproved, "", application.Qualified, d.target())
	return d
}

func (w *world) refusedAs(err error, k exam.Kind, part string) {
	w.t.Helper()
	if exam.KindOf(err) != k || !strings.Contains(exam.SentenceOf(err), part) {
		w.t.Errorf("got %q %q, want %q …%s…", exam.KindOf(err), exam.SentenceOf(err), k, part)
	}
}
