// Package httpapi is the registry's one door: it turns HTTP requests into calls
// of the registry's use cases and their answers into JSON, problems
// (application/problem+json) and the public verification page.
//
// It decides nothing. Rights, rules and windows are the registry's; what is kept
// here is what belongs to a door: bounds on size and time, who is at the other
// end, a name for each request, a log line without anything personal in it, and
// the promise that no answer repeats what was sent (a password typed into the
// wrong field must not come back in an error). Paths and types are those of
// sync/wire; OpenAPI describes them.
//
// Two settings of the huma library are changed for the whole process when this
// package is linked: its error model, which would echo values, and nullable
// arrays.
package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"dingkao/exam"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// Bounds of a request.
const (
	MostBody    = 64 << 10 // of most requests, in bytes
	MostEntries = 8 << 20  // of an append
	MostDecide  = 1 << 20  // of decisions and issues: 500 targets
	MostBlob    = 8 << 20  // of a picture
	mostUploads = 32       // pictures in memory at one time
)

// Options are what an API is made of. Registry is required, the rest has useful
// zero values.
type Options struct {
	Registry *registry.Registry
	// Log gets a line for each request and each fault; nil: slog.Default.
	Log *slog.Logger
	// TrustedProxies are the addresses from which X-Forwarded-For is believed.
	// None: it is ignored.
	TrustedProxies []netip.Prefix
	// Timeouts bound how long a peer may take.
	Timeouts Timeouts
}

// Timeouts bound how long a peer may take. The zero value of each means the
// default that stands behind it.
type Timeouts struct {
	Header time.Duration // to send the header; 60 s. Shorter also ends new connections that a terminal keeps idle.
	Body   time.Duration // to send a JSON body; 30 s
	Blob   time.Duration // to send a picture; 2 min
	Write  time.Duration // to take the whole answer, from the header's end; 5 min
	Idle   time.Duration // between two requests; 3 min
}

func (t Timeouts) withDefaults() Timeouts {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.Header, time.Minute)
	set(&t.Body, 30*time.Second)
	set(&t.Blob, 2*time.Minute)
	set(&t.Write, 5*time.Minute)
	set(&t.Idle, 3*time.Minute)
	return t
}

// API serves a registry. It is an http.Handler.
type API struct {
	o       Options
	reg     *registry.Registry
	mux     *http.ServeMux
	huma    huma.API
	handler http.Handler
	uploads chan struct{} // one place for each picture in memory
	// described is the description as JSON, made once.
	described func() ([]byte, error)
}

// New makes the API.
func New(o Options) *API {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.Timeouts = o.Timeouts.withDefaults()
	a := &API{o: o, reg: o.Registry, mux: http.NewServeMux(), uploads: make(chan struct{}, mostUploads)}
	c := huma.DefaultConfig("医师定期考核登记处 · Registry of the periodic assessment of physicians", wire.Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // served below; the docs page would load foreign scripts
	c.CreateHooks = nil                                   // no $schema in answers: entries must come back as they were sent
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.Info.Description = "What terminals and desks say to the registry. Errors are problem+json: `code` is for programs, `detail` is one sentence in Chinese for people."
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "The opaque token of /v1/sign-in."},
	}
	a.huma = humago.New(a.mux, c)
	a.routes()
	a.pages()
	a.described = sync.OnceValues(func() ([]byte, error) { return json.MarshalIndent(a.huma.OpenAPI(), "", "  ") })
	a.handler = a.around(a.mux)
	return a
}

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Server is an http.Server of this API with its bounds; the caller gives it a
// listener and shuts it down.
func (a *API) Server() *http.Server {
	t := a.o.Timeouts
	return &http.Server{
		Handler: a, ReadHeaderTimeout: t.Header, WriteTimeout: t.Write, IdleTimeout: t.Idle,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(a.o.Log.With("source", "net/http").Handler(), slog.LevelDebug),
	}
}

// OpenAPI is the description of the API (OpenAPI 3.1) as JSON.
func OpenAPI() ([]byte, error) { return New(Options{}).openAPI() }

func (a *API) openAPI() ([]byte, error) { return a.described() }

// op describes one operation.
type op struct {
	id, method, path, summary string
	body                      int64 // most bytes; 0: MostBody
	first                     bool  // also while the first password is in force
	open                      bool  // for anyone; else a bearer token is required
	raw                       bool  // the body is checked by the registry, not by its schema
	none                      bool  // answers 204
}

type (
	originKey  struct{}
	sessionKey struct{}
)

func originOf(ctx context.Context) registry.Origin {
	o, _ := ctx.Value(originKey{}).(registry.Origin)
	return o
}

func whoIs(ctx context.Context) registry.Session {
	s, _ := ctx.Value(sessionKey{}).(registry.Session)
	return s
}

// handle registers f under o. Errors become problems.
func handle[I, O any](a *API, o op, f func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, a.operation(o), func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

func (a *API) operation(o op) huma.Operation {
	h := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Summary: o.summary,
		MaxBodyBytes: MostBody, BodyReadTimeout: a.o.Timeouts.Body, SkipValidateBody: o.raw,
	}
	if o.body > 0 {
		h.MaxBodyBytes = o.body
	}
	if o.none {
		h.DefaultStatus = http.StatusNoContent
	}
	if !o.open {
		h.Security = []map[string][]string{{"bearer": {}}}
		h.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) { a.authenticate(ctx, o.first, next) }}
	}
	return h
}

// authenticate finds the session before the body is read: nobody who is not
// signed in makes the registry read more than a header. The registry refuses
// whoever has not changed the first password; it is refused here as well, so
// that not even "no such thing" is answered.
func (a *API) authenticate(ctx huma.Context, first bool, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	who, err := a.session(r)
	if err == nil && who.Account.MustChange && !first {
		err = exam.Errorf(exam.MustChange, "请先修改初始密码，然后继续")
	}
	if err != nil {
		a.problem(w, r, err)
		return
	}
	next(huma.WithValue(ctx, sessionKey{}, who))
}

func (a *API) session(r *http.Request) (registry.Session, error) {
	token, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return registry.Session{}, exam.Errorf(exam.Unauthenticated, "请先登录")
	}
	who, err := a.reg.Authenticate(r.Context(), token)
	if err != nil {
		return registry.Session{}, err
	}
	return who, nil
}
