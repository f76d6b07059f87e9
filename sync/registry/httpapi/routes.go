package httpapi

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

type (
	nothing          struct{}
	answer[T any]    struct{ Body T }
	request[T any]   struct{ Body T }
	applicationParam struct {
		Application string `path:"application" maxLength:"64"`
	}
	serialParam struct {
		Serial string `path:"serial" maxLength:"64"`
	}
	file struct {
		ContentType  string `header:"Content-Type"`
		CacheControl string `header:"Cache-Control"`
		ETag         string `header:"ETag"`
		Disposition  string `header:"Content-Disposition"`
		Length       int    `header:"Content-Length"` // HEAD has no body to count
		Body         []byte
	}
)

// reply wraps what a use case returned.
func reply[T any](v T, err error) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{v}, nil
}

func (a *API) routes() {
	handle(a, op{id: "about", method: "GET", path: wire.PathAbout, summary: "What the registry says of itself", open: true},
		func(ctx context.Context, _ *nothing) (*answer[exam.About], error) { return reply(a.reg.About(ctx)) })
	handle(a, op{id: "captcha", method: "POST", path: wire.PathCaptcha, summary: "A new captcha", open: true},
		func(ctx context.Context, _ *nothing) (*answer[exam.Captcha], error) {
			return reply(a.reg.NewCaptcha(ctx))
		})
	handle(a, op{id: "sign-in", method: "POST", path: wire.PathSignIn, summary: "Sign in", open: true},
		func(ctx context.Context, in *request[exam.Credentials]) (*answer[wire.SignedIn], error) {
			return reply(a.reg.SignIn(ctx, in.Body, originOf(ctx)))
		})
	handle(a, op{id: "sign-out", method: "POST", path: wire.PathSignOut, summary: "End the session", none: true, first: true},
		func(ctx context.Context, _ *nothing) (*nothing, error) {
			return nil, a.reg.SignOut(ctx, whoIs(ctx))
		})
	handle(a, op{id: "password", method: "POST", path: wire.PathPassword, summary: "Change the password; the first one has to be changed before anything else", none: true, first: true},
		func(ctx context.Context, in *request[wire.PasswordChange]) (*nothing, error) {
			return nil, a.reg.ChangePassword(ctx, whoIs(ctx), in.Body.Old, in.Body.New)
		})
	handle(a, op{id: "me", method: "GET", path: wire.PathMe, summary: "Who is signed in"},
		func(ctx context.Context, _ *nothing) (*answer[exam.Account], error) {
			return &answer[exam.Account]{whoIs(ctx).Account}, nil
		})
	handle(a, op{id: "enrolment", method: "GET", path: wire.PathEnrolment, summary: "The doctor's own dossier in the cycle in force"},
		func(ctx context.Context, _ *nothing) (*answer[wire.Enrolment], error) {
			return reply(a.reg.Enrolment(ctx, whoIs(ctx)))
		})
	handle(a, op{id: "read-entries", method: "GET", path: wire.PathEntries, summary: "The part of a stream behind a seq"},
		func(ctx context.Context, in *struct {
			Stream string `query:"stream" required:"true" maxLength:"128"`
			After  uint64 `query:"after"`
		}) (*answer[wire.Tail], error) {
			return reply(a.reg.Tail(ctx, whoIs(ctx), wire.Stream(in.Stream), in.After))
		})
	handle(a, op{id: "append-entries", method: "POST", path: wire.PathEntries, summary: "Append entries to one stream; again is harmless", body: MostEntries, raw: true},
		func(ctx context.Context, in *request[wire.Append]) (*answer[wire.Appended], error) {
			return reply(a.reg.Append(ctx, whoIs(ctx), in.Body.Entries))
		})
	a.blobs()
	a.exam()
	a.study()
	handle(a, op{id: "institutions", method: "GET", path: wire.PathInstitutions, summary: "Search the institutions"},
		func(ctx context.Context, in *struct {
			Division string `query:"division" maxLength:"12"`
			Name     string `query:"name" maxLength:"200"`
			Limit    int    `query:"limit" minimum:"0" maximum:"1000"`
		}) (*answer[wire.Institutions], error) {
			list, err := a.reg.Institutions(ctx, whoIs(ctx), exam.InstitutionQuery{Division: in.Division, Name: in.Name, Limit: in.Limit})
			return reply(wire.Institutions{Institutions: some(list)}, err)
		})
	handle(a, op{id: "queue", method: "POST", path: wire.PathQueue, summary: "A page of the dossiers within the account's scope"},
		func(ctx context.Context, in *request[application.Filter]) (*answer[application.Page], error) {
			page, err := a.reg.Queue(ctx, whoIs(ctx), in.Body)
			page.Rows = some(page.Rows)
			return reply(page, err)
		})
	handle(a, op{id: "case", method: "GET", path: wire.PathCase, summary: "One dossier for a reviewer"},
		func(ctx context.Context, in *applicationParam) (*answer[application.Case], error) {
			return reply(a.reg.Case(ctx, whoIs(ctx), exam.ApplicationID(in.Application)))
		})
	handle(a, op{id: "case-identity", method: "GET", path: wire.PathCaseNumber, summary: "The whole document number; asking is audited"},
		func(ctx context.Context, in *applicationParam) (*answer[wire.Identity], error) {
			return reply(a.reg.CaseIdentity(ctx, whoIs(ctx), exam.ApplicationID(in.Application)))
		})
	handle(a, op{id: "decide", method: "POST", path: wire.PathDecisions, summary: "Decide about one or many dossiers", body: MostDecide},
		func(ctx context.Context, in *request[application.Decision]) (*answer[wire.Outcomes], error) {
			list, err := a.reg.Decide(ctx, whoIs(ctx), in.Body)
			return reply(wire.Outcomes{Outcomes: some(list)}, err)
		})
	handle(a, op{id: "issue", method: "POST", path: wire.PathIssue, summary: "Issue notices", body: MostDecide},
		func(ctx context.Context, in *request[wire.Issue]) (*answer[wire.Outcomes], error) {
			list, err := a.reg.Issue(ctx, whoIs(ctx), in.Body.Targets)
			return reply(wire.Outcomes{Outcomes: some(list)}, err)
		})
	handle(a, op{id: "revoke", method: "POST", path: wire.PathRevoke, summary: "Revoke a notice", none: true},
		func(ctx context.Context, in *struct {
			Serial string `path:"serial" maxLength:"64"`
			Body   wire.Reason
		}) (*nothing, error) {
			return nil, a.reg.Revoke(ctx, whoIs(ctx), exam.Serial(in.Serial), in.Body.Reason)
		})
	handle(a, op{id: "notice-pdf", method: "GET", path: wire.PathNoticePDF, summary: "The signed file of a notice"},
		func(ctx context.Context, in *serialParam) (*file, error) {
			pdf, err := a.reg.NoticePDF(ctx, whoIs(ctx), exam.Serial(in.Serial))
			if err != nil {
				return nil, err
			}
			return &file{ContentType: "application/pdf", CacheControl: "private, no-store", Disposition: `attachment; filename="notice.pdf"`, Length: len(pdf), Body: pdf}, nil
		})
}

// some is list, never null on the line.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// hashParam takes the body as a stream, for which the library has no type.
type hashParam struct {
	Hash string `path:"hash" maxLength:"64"`
	r    *http.Request
	w    http.ResponseWriter
}

func (p *hashParam) Resolve(ctx huma.Context) []error {
	p.r, p.w = humago.Unwrap(ctx)
	return nil
}

func (p *hashParam) hash() (exam.BlobHash, error) {
	h := exam.BlobHash(p.Hash)
	if h == "" || !h.Valid() {
		return "", exam.Errorf(exam.Invalid, "文件的编号不对，没有保存")
	}
	return h, nil
}

func (a *API) blobs() {
	put := a.operation(op{id: "put-blob", method: "PUT", path: wire.PathBlob, summary: "Store a picture under its SHA-256; again is harmless", none: true})
	put.RequestBody = &huma.RequestBody{Required: true, Description: "at most 8 MiB", Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
	}}
	huma.Register(a.huma, put, func(ctx context.Context, in *hashParam) (*nothing, error) {
		if err := a.takeBlob(ctx, in); err != nil {
			return nil, a.fail(ctx, err)
		}
		return nil, nil
	})
	get := func(ctx context.Context, in *hashParam) (*file, error) {
		h, err := in.hash()
		if err != nil {
			return nil, err
		}
		data, err := a.reg.Blob(ctx, whoIs(ctx), h)
		if err != nil {
			return nil, err
		}
		kind := http.DetectContentType(data)
		if !strings.HasPrefix(kind, "image/") {
			kind = "application/octet-stream"
		}
		return &file{ContentType: kind, CacheControl: "private, max-age=31536000, immutable", ETag: `"` + string(h) + `"`, Length: len(data), Body: data}, nil
	}
	handle(a, op{id: "get-blob", method: "GET", path: wire.PathBlob, summary: "A picture"}, get)
	handle(a, op{id: "head-blob", method: "HEAD", path: wire.PathBlob, summary: "Whether a picture is there"}, get)
}

// takeBlob reads the picture, bounded in size, in time and in how many are in
// memory at once, and hands it to the registry.
func (a *API) takeBlob(ctx context.Context, in *hashParam) error {
	h, err := in.hash()
	if err != nil {
		return err
	}
	tooLarge := exam.Errorf(exam.TooLarge, "图片太大，最多%dMB，没有保存", MostBlob>>20)
	rc := http.NewResponseController(in.w)
	_ = rc.SetReadDeadline(time.Now().Add(a.o.Timeouts.Blob)) // not every writer of a test can
	// A peer that is still sending does not hear an answer, so a little too much
	// is taken and thrown away before it is refused.
	refuse := func() error {
		_, _ = io.CopyN(io.Discard, in.r.Body, 3*MostBlob)
		return tooLarge
	}
	if in.r.ContentLength > MostBlob {
		return refuse()
	}
	select {
	case a.uploads <- struct{}{}:
		defer func() { <-a.uploads }()
	default:
		return exam.Errorf(exam.Unavailable, "登记处正忙，图片仍保存在本机，稍后会再送出")
	}
	data, err := io.ReadAll(io.LimitReader(in.r.Body, MostBlob+1))
	switch {
	case len(data) > MostBlob:
		return refuse()
	case err != nil:
		return exam.Wrap(exam.Unavailable, err, "图片没有送完，仍保存在本机，稍后会再送出")
	}
	_ = rc.SetReadDeadline(time.Time{})
	return a.reg.PutBlob(ctx, whoIs(ctx), h, data)
}
