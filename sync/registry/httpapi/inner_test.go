package httpapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"dingkao/sync/wire"
)

func TestForwardedForIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	plain, behind := New(Options{}), New(Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct {
		api             *API
		peer, forwarded string
		want            string
	}{
		{plain, "10.0.0.1:5", "1.2.3.4", "10.0.0.1"},
		{behind, "10.0.0.1:5", "1.2.3.4", "1.2.3.4"},
		{behind, "10.0.0.1:5", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"},
		{behind, "10.0.0.1:5", "", "10.0.0.1"},
		{behind, "10.0.0.1:5", "nonsense", "10.0.0.1"},
		{behind, "8.8.8.8:5", "1.2.3.4", "8.8.8.8"},
		{behind, "[::ffff:10.0.0.1]:5", "1.2.3.4", "1.2.3.4"},
		{behind, "[fe80::1%eth0]:5", "1.2.3.4", "fe80::1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := c.api.address(r); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestAPanicIsAnsweredAndLoggedUnderItsName(t *testing.T) {
	var log bytes.Buffer
	a := New(Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	a.mux.HandleFunc("GET /boom", func(http.ResponseWriter, *http.Request) { panic("secret state") })
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("GET", "/boom", nil))
	id := w.Header().Get("X-Request-Id")
	var p wire.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 500 || p.Code != "internal" || !strings.Contains(p.Detail, id) || strings.Contains(p.Detail, "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if id == "" || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "secret state") {
		t.Errorf("the log: %s", log.String())
	}
}
