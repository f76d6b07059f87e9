package httpapi

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"dingkao/exam"
	"dingkao/exam/certificate"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

//go:embed page.html
var pageFiles embed.FS

var page = template.Must(template.ParseFS(pageFiles, "page.html"))

// policy allows what the page carries in itself and nothing from elsewhere.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// sheet is what the page shows.
type sheet struct {
	Title    string
	Name     string // of the system
	Kind     string // valid, revoked, unknown, busy or index
	Headline string
	Sentence string
	Rows     []sheetRow
	Checked  string // when it was looked up
	Support  string
}

type sheetRow struct {
	Label, English, Value string
}

// pages are what a browser sees, and what no terminal asks for.
func (a *API) pages() {
	a.describe()
	a.mux.HandleFunc("GET "+wire.PathVerify, a.verify)
	a.mux.HandleFunc("GET /verify", func(w http.ResponseWriter, r *http.Request) {
		token := certificate.Token(r.FormValue("text"))
		if token == "" || len(token) > 1024 {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		http.Redirect(w, r, "/verify/"+url.PathEscape(token), http.StatusSeeOther)
	})
	a.mux.HandleFunc("GET "+wire.PathHealth, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := a.reg.About(r.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"unavailable"}` + "\n"))
			return
		}
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n"))
	})
	a.mux.HandleFunc("GET "+wire.PathOpenAPI, func(w http.ResponseWriter, r *http.Request) {
		raw, err := a.openAPI()
		if err != nil {
			a.problem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
		_, _ = w.Write(raw)
	})
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			a.show(w, http.StatusOK, a.sheet(r, sheet{Title: "医师定期考核登记处", Kind: "index", Headline: "核验考核结果通知书",
				Sentence: "扫描通知书上的二维码即可核验，也可以把二维码的文字粘贴在下面。"}))
			return
		}
		if allow := a.allowed(r); len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			p := Problem(wire.ProblemOf(exam.Errorf(exam.Invalid, "这个地址不接受这样的请求")))
			p.Status = http.StatusMethodNotAllowed
			a.problem(w, r, &p)
			return
		}
		a.problem(w, r, exam.Errorf(exam.NotFound, "没有这个地址"))
	})
}

// describe puts what is served beside the library into the description.
func (a *API) describe() {
	text := func(kind, about string) map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: about, Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: "string"}}}}}
	}
	token := &huma.Param{Name: "token", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}
	for _, o := range []*huma.Operation{
		{OperationID: "verify", Path: wire.PathVerify, Summary: "The public page about a notice; 404 where it is unknown", Parameters: []*huma.Param{token}, Responses: text("text/html", "valid or revoked")},
		{OperationID: "health", Path: wire.PathHealth, Summary: "Whether the registry works; 503 where it does not", Responses: text("application/json", "it works")},
		{OperationID: "openapi", Path: wire.PathOpenAPI, Summary: "This description", Responses: text("application/vnd.oai.openapi+json", "OpenAPI 3.1")},
	} {
		o.Method = http.MethodGet
		a.huma.OpenAPI().AddOperation(o)
	}
}

// allowed lists the methods under which the path would be served.
func (a *API) allowed(r *http.Request) []string {
	var list []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT"} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := a.mux.Handler(other); pattern != "/" && pattern != "" {
			list = append(list, m)
		}
	}
	return list
}

func (a *API) verify(w http.ResponseWriter, r *http.Request) {
	v, err := a.reg.Verify(r.Context(), r.PathValue("token"))
	if err != nil {
		p := a.fail(r.Context(), err)
		a.show(w, p.Status, a.sheet(r, sheet{Title: "暂时无法核验", Kind: "busy", Headline: "暂时无法核验",
			Sentence: "登记处现在无法查询，请稍后再扫描一次。这不说明通知书有任何问题。"}))
		return
	}
	s := sheet{Kind: string(v.State), Sentence: v.Sentence}
	status := http.StatusOK
	switch v.State {
	case registry.VerifiedValid:
		s.Title, s.Headline, s.Rows = "通知书有效", "有效", noticeRows(v.Certificate)
	case registry.VerifiedRevoked:
		s.Title, s.Headline, s.Rows = "通知书已撤销", "已撤销", noticeRows(v.Certificate)
		s.Rows = append([]sheetRow{
			{"撤销时间", "Revoked on", v.RevokedAt.Date().Text()},
			{"撤销原因", "Reason", v.RevokedReason},
		}, s.Rows...)
	default:
		s.Kind, s.Title, s.Headline, status = "unknown", "查无此通知书", "查无此通知书", http.StatusNotFound
		if s.Sentence == "" {
			s.Sentence = "登记处没有这份通知书的记录。请确认二维码完整清晰后再扫描一次；仍然如此，请向通知书上的发证机关查询"
		}
	}
	if !strings.HasSuffix(s.Sentence, "。") {
		s.Sentence += "。"
	}
	a.show(w, status, a.sheet(r, s))
}

// noticeRows are the lines of the notice, in its order, no more.
func noticeRows(c certificate.Certificate) []sheetRow {
	kind := c.DocumentKind.Name
	if kind == "" {
		kind = "居民身份证"
	}
	rows := []sheetRow{
		{"考核结果", "Result", c.Outcome.Text()},
		{"证书编码", "Certificate No.", c.Number},
		{"姓名", "Name", c.Name},
		{"性别", "Gender", c.Sex.Text()},
		{kind, "Identity Card No.", c.Document},
		{"资格证书编码", "Qualification Certificate No.", c.QualificationNo},
		{"执业证书编码", "Practicing Certificate No.", c.LicenceNo},
		{"主要执业机构", "Main Practicing Institution", c.Institution},
		{"执业类别", "Practicing Category", c.Category},
		{"执业范围", "Registered Specialty", c.ScopesText()},
		{"从事专业", "Practicing Specialty", c.Speciality},
		{"考核周期", "Period of Assessment", c.PeriodText()},
		{"考核机构", "Evaluated by", c.Assessor},
		{"考核日期", "Evaluated on", c.AssessedOn.Text()},
		{"发证机关", "Issued by", c.Authority},
		{"发证日期", "Issued on", c.IssuedOn.Text()},
	}
	shown := rows[:0]
	for _, r := range rows {
		if r.Value != "" {
			shown = append(shown, r)
		}
	}
	return shown
}

// sheet adds what every page says.
func (a *API) sheet(r *http.Request, s sheet) sheet {
	s.Name = "医师定期考核信息登记管理系统"
	if about, err := a.reg.About(r.Context()); err == nil {
		if about.Name != "" {
			s.Name = about.Name
		}
		s.Support = about.Support
		s.Checked = about.Now.Text()
	}
	return s
}

func (a *API) show(w http.ResponseWriter, status int, s sheet) {
	var b bytes.Buffer
	if err := page.Execute(&b, s); err != nil {
		a.o.Log.Error("page", "error", err)
		http.Error(w, "登记处出了一点问题，请稍后再试", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Robots-Tag", "noindex, nofollow")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
