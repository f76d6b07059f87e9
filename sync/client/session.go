package client

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"sync"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

// Session is one who signed in. It is safe for use by many goroutines.
type Session struct {
	registry *Registry
	token    string
	expires  exam.Instant

	mu      sync.Mutex
	account exam.Account // MustChange follows ChangePassword
}

// Account is who signed in.
func (s *Session) Account() exam.Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

// Expires is when the session ends at the latest, in registry time.
func (s *Session) Expires() exam.Instant { return s.expires }

// Registry is where the session was opened.
func (s *Session) Registry() *Registry { return s.registry }

func (s *Session) do(ctx context.Context, c call) ([]byte, error) {
	c.token = s.token
	return s.registry.do(ctx, c)
}

// Me asks who is signed in.
func (s *Session) Me(ctx context.Context) (exam.Account, error) {
	a, err := read[exam.Account](s.do(ctx, call{method: "GET", path: wire.PathMe}))
	if err == nil {
		s.mu.Lock()
		s.account = a
		s.mu.Unlock()
	}
	return a, err
}

// Close signs out.
func (s *Session) Close(ctx context.Context) error {
	_, err := s.do(ctx, call{method: "POST", path: wire.PathSignOut})
	if exam.KindOf(err) == exam.Unauthenticated { // it has ended already
		return nil
	}
	return err
}

// ChangePassword changes the password. Errors: WrongPassword, Invalid, Unavailable.
func (s *Session) ChangePassword(ctx context.Context, old, new string) error {
	_, err := s.do(ctx, call{method: "POST", path: wire.PathPassword, json: wire.PasswordChange{Old: old, New: new}})
	if err == nil {
		s.mu.Lock()
		s.account.MustChange = false
		s.mu.Unlock()
	}
	return err
}

// Enrolment is what the registry knows of the doctor's cycle.
func (s *Session) Enrolment(ctx context.Context) (wire.Enrolment, error) {
	return read[wire.Enrolment](s.do(ctx, call{method: "GET", path: wire.PathEnrolment}))
}

// Append adds entries to one stream. The receipt is verified and is for that
// stream, at the last of the entries or behind it. Errors: *ConflictError,
// Refused, Invalid, Damaged (the receipt), Unavailable.
func (s *Session) Append(ctx context.Context, entries [][]byte) (wire.Receipt, error) {
	if len(entries) == 0 || len(entries) > wire.MostAppend {
		return wire.Receipt{}, exam.Errorf(exam.Internal, "送出的记录条数不对")
	}
	last, err := wire.Decode(entries[len(entries)-1])
	if err != nil {
		return wire.Receipt{}, err
	}
	list := make([]json.RawMessage, len(entries))
	for i, raw := range entries {
		list[i] = raw
	}
	a, err := read[wire.Appended](s.do(ctx, call{method: "POST", path: wire.PathEntries, json: wire.Append{Entries: list}, large: true}))
	if err != nil {
		return wire.Receipt{}, err
	}
	if err := s.registry.verify(ctx, a.Receipt); err != nil {
		return wire.Receipt{}, err
	}
	r := a.Receipt
	if r.Stream != last.Stream || r.Seq < last.Seq || r.Seq == last.Seq && r.Head != wire.HashOf(entries[len(entries)-1]) {
		return wire.Receipt{}, exam.Errorf(exam.Damaged, "登记处的回执与送出的内容不符，内容仍保存在本机，稍后会再送出")
	}
	return r, nil
}

// mostPages bounds how often one Tail asks.
const mostPages = 100

// Tail is the stream behind after, to its head: each entry decoded, each upon
// the one before it, the last one that of the verified receipt. Receipt is nil
// where the stream is empty; a receipt before after says that the registry
// holds less. Errors: Damaged, Unavailable, Forbidden.
func (s *Session) Tail(ctx context.Context, stream wire.Stream, after uint64) (wire.Tail, error) {
	var all wire.Tail
	broken := func(err error) (wire.Tail, error) {
		return wire.Tail{}, exam.Wrap(exam.Damaged, err, "登记处的记录没有通过核对，没有采用；本机的内容都在，请稍后再试或联系系统管理员")
	}
	head, seq := wire.Hash(""), after
	for range mostPages {
		q := url.Values{"stream": {string(stream)}, "after": {strconv.FormatUint(seq, 10)}}
		t, err := read[wire.Tail](s.do(ctx, call{method: "GET", path: wire.PathEntries, query: q, most: mostTail, large: true}))
		if err != nil {
			return wire.Tail{}, err
		}
		if t.Receipt == nil {
			if len(t.Entries) > 0 || len(all.Entries) > 0 {
				return broken(nil)
			}
			return wire.Tail{}, nil
		}
		if err := s.registry.verify(ctx, *t.Receipt); err != nil {
			return wire.Tail{}, err
		}
		if t.Receipt.Stream != stream {
			return broken(nil)
		}
		for _, raw := range t.Entries {
			e, err := wire.Decode(raw)
			if err != nil {
				return broken(err)
			}
			if e.Stream != stream || e.Seq != seq+1 || len(all.Entries) > 0 && e.Prev != head {
				return broken(nil)
			}
			head, seq = wire.HashOf(raw), e.Seq
			all.Entries = append(all.Entries, raw)
		}
		all.Receipt = t.Receipt
		switch {
		case t.Receipt.Seq == seq && (len(all.Entries) == 0 || t.Receipt.Head == head):
			return all, nil
		case t.Receipt.Seq < seq && len(all.Entries) == 0: // the registry holds less
			return all, nil
		case t.Receipt.Seq <= seq, len(t.Entries) == 0:
			return broken(nil)
		}
	}
	return broken(nil)
}

// PutBlob stores a blob under its hash. Storing it again is no error.
func (s *Session) PutBlob(ctx context.Context, h exam.BlobHash, data []byte) error {
	if len(data) > mostBlob {
		return exam.Errorf(exam.TooLarge, "图片太大，没有送出")
	}
	_, err := s.do(ctx, call{method: "PUT", path: wire.PathBlob, params: map[string]string{"hash": string(h)},
		raw: data, kind: "image/jpeg", large: true})
	return err
}

// HasBlob says whether the registry holds the blob.
func (s *Session) HasBlob(ctx context.Context, h exam.BlobHash) (bool, error) {
	_, err := s.do(ctx, call{method: "HEAD", path: wire.PathBlob, params: map[string]string{"hash": string(h)}})
	// A HEAD has no body to state the problem in: the status alone speaks.
	if st, ok := statusOf(err); ok && st == 404 {
		return false, nil
	}
	return err == nil, err
}

// Blob reads a blob. Its content is checked against its hash.
func (s *Session) Blob(ctx context.Context, h exam.BlobHash) ([]byte, error) {
	data, err := s.do(ctx, call{method: "GET", path: wire.PathBlob, params: map[string]string{"hash": string(h)}, most: mostBlob, large: true})
	if err != nil {
		return nil, err
	}
	if wire.BlobHashOf(data) != h {
		return nil, exam.Errorf(exam.Damaged, "收到的图片不完整，没有采用；请重试")
	}
	return data, nil
}

// Picture is Blob, as the screens call it.
func (s *Session) Picture(ctx context.Context, h exam.BlobHash) ([]byte, error) {
	return s.Blob(ctx, h)
}

// Institutions searches the registry's list.
func (s *Session) Institutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error) {
	v := url.Values{}
	if q.Division != "" {
		v.Set("division", q.Division)
	}
	if q.Name != "" {
		v.Set("name", q.Name)
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	a, err := read[wire.Institutions](s.do(ctx, call{method: "GET", path: wire.PathInstitutions, query: v}))
	return a.Institutions, err
}

// Rows is a page of the dossiers within this account's scope.
func (s *Session) Rows(ctx context.Context, f application.Filter) (application.Page, error) {
	return read[application.Page](s.do(ctx, call{method: "POST", path: wire.PathQueue, json: f}))
}

// Case is one dossier as a reviewer opens it.
func (s *Session) Case(ctx context.Context, id exam.ApplicationID) (application.Case, error) {
	return read[application.Case](s.do(ctx, call{method: "GET", path: wire.PathCase, params: map[string]string{"application": string(id)}}))
}

// Identity is the whole document number; the registry audits who asked.
func (s *Session) Identity(ctx context.Context, id exam.ApplicationID) (string, error) {
	a, err := read[wire.Identity](s.do(ctx, call{method: "GET", path: wire.PathCaseNumber, params: map[string]string{"application": string(id)}}))
	return a.Identity, err
}

// Decide decides about one dossier or many; an outcome stands for each target.
func (s *Session) Decide(ctx context.Context, d application.Decision) ([]application.Outcome, error) {
	return outcomes(len(d.Targets))(s.do(ctx, call{method: "POST", path: wire.PathDecisions, json: d, large: true}))
}

// Issue issues notices; an outcome stands for each target.
func (s *Session) Issue(ctx context.Context, targets []application.Target) ([]application.Outcome, error) {
	return outcomes(len(targets))(s.do(ctx, call{method: "POST", path: wire.PathIssue, json: wire.Issue{Targets: targets}, large: true}))
}

func outcomes(want int) func([]byte, error) ([]application.Outcome, error) {
	return func(body []byte, err error) ([]application.Outcome, error) {
		a, err := read[wire.Outcomes](body, err)
		if err == nil && len(a.Outcomes) != want {
			return a.Outcomes, exam.Errorf(exam.Unavailable, "登记处的答复不完整，请刷新列表核对办理结果")
		}
		return a.Outcomes, err
	}
}

// Revoke revokes a notice.
func (s *Session) Revoke(ctx context.Context, serial exam.Serial, reason string) error {
	_, err := s.do(ctx, call{method: "POST", path: wire.PathRevoke, params: map[string]string{"serial": string(serial)}, json: wire.Reason{Reason: reason}})
	return err
}

// NoticePDF is the signed notice.
func (s *Session) NoticePDF(ctx context.Context, serial exam.Serial) ([]byte, error) {
	return s.do(ctx, call{method: "GET", path: wire.PathNoticePDF, params: map[string]string{"serial": string(serial)}, most: mostPDF, large: true})
}
