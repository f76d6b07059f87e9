package registrytest_test

import (
	"crypto/x509"
	"net/http"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry/notary"
	"dingkao/sync/registry/registrytest"
)

func TestARegistryComesBackOnItsDataAndItsAddress(t *testing.T) {
	r := registrytest.Start(t, registrytest.Options{TLS: true})
	url, pin := r.URL, r.Pin()
	r.Submit(t, registrytest.Doctor)
	r.Stop()
	if _, err := r.Client().Get(url + "/healthz"); err == nil {
		t.Error("a stopped registry answers")
	}
	r.Stop() // again is harmless
	r.Restart(t)
	if r.URL != url || r.Pin() != pin {
		t.Errorf("it came back as %s, %s", r.URL, r.Pin())
	}
	if s := r.Enrolment(t, registrytest.Doctor).Dossier.State; s != application.AwaitingInstitution {
		t.Errorf("the dossier is %s", s)
	}
	res, err := r.Client().Get(url + "/healthz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%v %v", res, err)
	}
}

func TestTheHelpersLeadThroughTheWholeWay(t *testing.T) {
	r := registrytest.Start(t)
	states := []application.State{application.Included}
	seen := func() { states = append(states, r.Enrolment(t, registrytest.Doctor).Dossier.State) }
	r.Submit(t, registrytest.Doctor)
	seen()
	r.Return(t, registrytest.Doctor, "请核对")
	seen()
	r.Append(t, registrytest.Doctor, application.ActSubmitted, application.Body{})
	r.Approve(t, registrytest.Doctor)
	seen()
	if n := r.Issue(t, registrytest.Doctor); n.Serial == "" || n.PDF == "" {
		t.Errorf("notice %+v", n)
	}
	want := []application.State{application.Included, application.AwaitingInstitution, application.Returned, application.Qualified}
	for i := range want {
		if states[i] != want[i] {
			t.Errorf("states %v, want %v", states, want)
			break
		}
	}
}

func TestTheClockIsTheTests(t *testing.T) {
	r := registrytest.Start(t, registrytest.Options{Empty: true})
	noon := time.Date(2027, 1, 2, 4, 0, 0, 0, time.UTC)
	r.Clock.Set(noon)
	r.Clock.Advance(time.Hour)
	about, err := r.Registry().About(t.Context())
	if err != nil || about.Now != exam.InstantOf(noon.Add(time.Hour)) {
		t.Errorf("%v, %v", about.Now.Text(), err)
	}
}

// With the fonts a notice is a real page.
func TestARealNotice(t *testing.T) {
	r := registrytest.Start(t, registrytest.Options{Fonts: true})
	r.Submit(t, registrytest.Doctor)
	r.Approve(t, registrytest.Doctor)
	n := r.Issue(t, registrytest.Doctor)
	file, err := r.NoticePDF(t.Context(), r.Who(t, registrytest.Doctor), n.Serial)
	if err != nil {
		t.Fatal(err)
	}
	if len(file) < 20_000 {
		t.Skip("the fonts are not in assets/fonts: run make fonts")
	}
	f := check(r, file)
	if !f.Genuine {
		t.Errorf("%+v", f)
	}
	file[len(file)/2] ^= 1
	if f := check(r, file); f.Genuine {
		t.Error("a changed file is called genuine")
	}
}

func check(r *registrytest.Registry, file []byte) notary.Finding {
	roots := x509.NewCertPool()
	roots.AddCert(r.Ring.Authority())
	return notary.Check("notice.pdf", file, nil, roots, time.Now())
}
