package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dingkao/exam"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// Problem is wire.Problem as the huma library wants its errors.
type Problem wire.Problem

func (p *Problem) Error() string             { return string(p.Code) + ": " + p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are Retry-After, where waiting helps.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	return h
}

func init() {
	huma.DefaultArrayNullable = false
	// The library's own errors (validation, bounds, unreadable bodies) carry the
	// submitted values. Only the place of the first one is kept, and not even
	// that where it is itself something that was sent.
	huma.NewError = func(status int, _ string, details ...error) huma.StatusError {
		kind, sentence := exam.Invalid, "请求的内容不符合约定，没有处理；请更新程序后再试"
		switch {
		case status == http.StatusRequestEntityTooLarge:
			kind, sentence = exam.TooLarge, "一次送来的内容太大，没有保存"
		case status == http.StatusRequestTimeout:
			kind, sentence = exam.Unavailable, "网络太慢，内容没有送完；本机的内容都在，请稍后再试"
		case status >= 500:
			kind, sentence = exam.Internal, exam.SentenceOf(errors.New(""))
		}
		p := Problem(wire.ProblemOf(exam.Errorf(kind, "%s", sentence)))
		for _, d := range details {
			if e, ok := d.(huma.ErrorDetailer); ok && kind == exam.Invalid {
				if e := e.ErrorDetail(); !strings.Contains(e.Message, "unexpected property") {
					p.Field = strings.TrimPrefix(e.Location, "body.")
				}
				break
			}
		}
		return &p
	}
	huma.NewErrorWithContext = func(_ huma.Context, status int, msg string, details ...error) huma.StatusError {
		return huma.NewError(status, msg, details...)
	}
}

// fail is err as it goes on the line. Faults of ours are logged with the
// request's id, which the sentence then names.
func (a *API) fail(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	// A peer that has gone, or a request out of time, is no fault of ours.
	if (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) && exam.KindOf(err) == exam.Internal {
		err = exam.Wrap(exam.Unavailable, err, "登记处没有来得及处理，请稍后再试；本机的内容都在")
	}
	out := Problem(wire.ProblemOf(err))
	var conflict *registry.ConflictError
	if errors.As(err, &conflict) {
		out.Tail = &conflict.Tail
	}
	var busy *registry.BusyError
	if errors.As(err, &busy) {
		out.RetryAfter = max(1, int((busy.RetryAfter+time.Second-1)/time.Second))
	} else if out.Code == exam.Unavailable || out.Code == exam.Throttled {
		out.RetryAfter = 5
	}
	if out.Status >= 500 && out.Code != exam.Unavailable {
		id := requestID(ctx)
		a.o.Log.LogAttrs(ctx, slog.LevelError, "fault", slog.String("request", id), slog.String("error", err.Error()))
		out.Detail += "（编号 " + id + "）"
	}
	return &out
}

// problem answers with err where the library does not.
func (a *API) problem(w http.ResponseWriter, r *http.Request, err error) {
	p := a.fail(r.Context(), err)
	h := w.Header()
	for k, v := range p.GetHeaders() {
		h[k] = v
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // the peer may have gone
}
