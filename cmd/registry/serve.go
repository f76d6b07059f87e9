package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/httpapi"
	"dingkao/sync/registry/node"
)

// place is where a registry's data is: the flags of every command.
type place struct {
	data, database string
}

func placeFlags(fs *flag.FlagSet) *place {
	p := &place{}
	fs.StringVar(&p.data, "data", "registry-data", "the data `folder` · 数据目录")
	fs.StringVar(&p.database, "database", "sqlite", "sqlite (registry.db in the data folder) or a postgres:// `address` · 数据库")
	return p
}

// options are the node's, without what only a server needs. The fonts belong
// here too: a command may have to finish an issue.
func (p *place) options() node.Options {
	return node.Options{Data: p.data, Database: p.database, Version: version, Regular: assets.Regular(), Bold: assets.Bold()}
}

// with opens the registry for one command.
func (p *place) with(ctx context.Context, f func(*node.Node) error) error {
	if _, err := os.Stat(p.data); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no data folder %s; --data names it (serve and demo make one)", p.data)
	}
	n, err := node.Open(ctx, p.options())
	if err != nil {
		return err
	}
	return errors.Join(f(n), n.Close())
}

func serve(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	listen := fs.String("listen", ":8765", "`address` to listen on · 监听地址")
	names := fs.String("tls-names", "", "host names and IP addresses of the certificate, separated by commas · 证书上的域名和IP")
	proxies := fs.String("trusted-proxy", "", "addresses or networks whose X-Forwarded-For is believed, separated by commas · 受信任的代理")
	plain := fs.Bool("plain", false, "plain HTTP, on a loopback address only · 不加密，仅限本机地址")
	name := fs.String("name", "", "the system's `name` · 系统名称")
	support := fs.String("support", "", "support `telephone` in the footer · 技术支持电话")
	public := fs.String("public", "", "the `address` that QR codes lead to, such as https://kaohe.example.cn (default: the first of --tls-names) · 核验网址")
	ready := fs.String("ready-file", "", "write the address into this `file` once it can be reached · 就绪后写入地址的文件")
	logJSON := fs.Bool("log-json", false, "log as JSON · 日志用 JSON 格式")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		if *plain && !loopback(*listen) {
			return usageError("--plain is for a loopback address such as 127.0.0.1:8765 only: passwords would cross the network in clear")
		}
		log := logger(out, *logJSON)
		trusted, err := prefixes(*proxies)
		if err != nil {
			return err
		}
		l, err := net.Listen("tcp", *listen) // first: a port in use stops everything
		if err != nil {
			return err
		}
		defer l.Close()
		o := p.options()
		o.TLSNames, o.Name, o.Support, o.Log = split(*names), *name, *support, log
		o.VerifyURL = verifyURL(*public, o.TLSNames, l.Addr().String(), *plain)
		n, err := node.Open(ctx, o)
		if err != nil {
			return err
		}
		defer n.Close()
		if *public == "" {
			log.Warn("--public is not set: the QR codes of notices lead to an address that may not be reached from outside", "address", o.VerifyURL)
		}
		return host(ctx, out, n, hosting{l: l, plain: *plain, trusted: trusted, ready: *ready, log: log})
	}
}

func demonstrate(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	fs.Lookup("data").DefValue, p.data = "demo-data", "demo-data"
	listen := fs.String("listen", "127.0.0.1:8765", "loopback `address` to listen on · 监听地址，仅限本机")
	secure := fs.Bool("tls", false, "serve TLS with the registry's own certificate authority · 使用自有证书加密")
	captcha := fs.String("rehearsal-captcha", "", "what every captcha asks for, four to eight `digits` · 演练用的固定验证码")
	ready := fs.String("ready-file", "", "write the address into this `file` once it can be reached · 就绪后写入地址的文件")
	verbose := fs.Bool("verbose", false, "log every request · 记录每个请求")
	only := fs.Bool("make-only", false, "make the data and stop · 只建立数据，不提供服务")
	logJSON := fs.Bool("log-json", false, "log as JSON · 日志用 JSON 格式")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		if !loopback(*listen) {
			return usageError("the demonstration listens on a loopback address only: its passwords are known to everyone")
		}
		log := logger(out, *logJSON)
		if !*verbose {
			log = slog.New(quiet{log.Handler()})
		}
		l, err := net.Listen("tcp", *listen) // first: a port in use stops everything
		if err != nil {
			return err
		}
		defer l.Close()
		o := p.options()
		o.Log, o.Support, o.RehearsalCaptcha = log, "0351-0000000", *captcha
		o.VerifyURL = verifyURL("", nil, l.Addr().String(), !*secure)
		n, err := node.Open(ctx, o)
		if err != nil {
			return err
		}
		defer n.Close()
		making, err := n.With(ctx, func(o *registry.Options) { o.RehearsalCaptcha = demo.Captcha })
		if err != nil {
			return err
		}
		if err := demo.Make(ctx, making, exam.DateOf(time.Now().In(exam.China)), n.Trouble == ""); err != nil {
			return err
		}
		banks, err := sampleBanks()
		if err != nil {
			return err
		}
		for _, b := range banks {
			if _, err := making.PutBank(ctx, b, true); err != nil {
				return fmt.Errorf("bank %s: %w", b.ID, err)
			}
		}
		if err := demo.MakeExam(ctx, making, banks); err != nil {
			return err
		}
		if out.json {
			out.print(map[string]any{"province": demo.Province, "pin": n.Ring.Pin(), "captcha": *captcha, "accounts": demo.Table()})
		} else {
			fmt.Fprintf(out.w, "\n医师定期考核演示数据：省份选“山西省”；人员、机构和证件均为虚构，状态为建立时的状态\n\n%s\n", demo.Print(demo.Table()))
			if *captcha != "" {
				fmt.Fprintf(out.w, "  演练验证码 · rehearsal captcha: %s\n", *captcha)
			}
		}
		if *only {
			return nil
		}
		return host(ctx, out, n, hosting{l: l, plain: !*secure, ready: *ready, log: log})
	}
}

// hosting says how a node is served.
type hosting struct {
	l       net.Listener
	plain   bool
	trusted []netip.Prefix
	ready   string
	log     *slog.Logger
}

// host serves until ctx ends, then lets what runs come to its end.
func host(ctx context.Context, out *output, n *node.Node, h hosting) error {
	if n.Trouble != "" {
		h.log.Warn("notices cannot be issued", "why", n.Trouble)
	} else if done, err := n.ResumeIssues(ctx); err != nil {
		h.log.Error("resuming issues", "error", err)
	} else if done > 0 {
		h.log.Info("issues resumed", "notices", done)
	}
	stopCollecting := collect(ctx, n.Registry, h.log)
	defer stopCollecting()
	l, scheme := h.l, "http"
	address := l.Addr().String()
	if !h.plain {
		scheme = "https"
		l = tls.NewListener(l, n.Ring.TLS())
	}
	srv := httpapi.New(httpapi.Options{Registry: n.Registry, Log: h.log, TrustedProxies: h.trusted}).Server()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	url := scheme + "://" + address
	if !out.json {
		fmt.Fprintf(out.w, "  CA pin: %s\n  CA certificate: %s\n", n.Ring.Pin(), n.Ring.AuthorityPath())
	}
	if h.ready != "" {
		if err := writeWhole(h.ready, []byte(url+"\n")); err != nil {
			return errors.Join(err, srv.Close())
		}
	}
	if out.json {
		out.print(map[string]string{"ready": url, "pin": n.Ring.Pin()})
	} else {
		fmt.Fprintf(out.w, "ready %s\n", url)
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	h.log.Info("stopping")
	stop, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	err := srv.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// collect scores what a crash left between a hand-in and its score, and collects
// sittings whose time is over, now and every minute, until it is stopped.
func collect(ctx context.Context, reg *registry.Registry, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		every := time.NewTicker(time.Minute)
		defer every.Stop()
		for {
			n, err := reg.Collect(ctx)
			if err != nil && ctx.Err() == nil {
				log.Error("collecting sittings", "error", err)
			}
			if n > 0 {
				log.Info("sittings collected or scored", "sittings", n)
			}
			select {
			case <-ctx.Done():
				return
			case <-every.C:
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

func logger(out *output, asJSON bool) *slog.Logger {
	if asJSON {
		return slog.New(slog.NewJSONHandler(out.errw, nil))
	}
	return slog.New(slog.NewTextHandler(out.errw, nil))
}

// quiet lets only warnings and worse through.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// loopback says whether nobody outside this machine can reach the address.
func loopback(listen string) bool {
	hostname, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if hostname == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(hostname)
	return err == nil && addr.IsLoopback()
}

func prefixes(list string) ([]netip.Prefix, error) {
	var ps []netip.Prefix
	for _, s := range split(list) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			addr, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, usageError("--trusted-proxy: " + s + " is neither an address nor a network")
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		ps = append(ps, p.Masked())
	}
	return ps, nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// verifyURL is where QR codes lead.
func verifyURL(public string, names []string, listen string, plain bool) string {
	if public == "" {
		hostname, port, err := net.SplitHostPort(listen)
		if err != nil {
			return ""
		}
		if len(names) > 0 {
			hostname = names[0]
		} else if hostname == "" || hostname == "0.0.0.0" || hostname == "::" {
			hostname = "localhost"
		}
		public = "https://" + net.JoinHostPort(hostname, port)
		if plain {
			public = "http://" + net.JoinHostPort(hostname, port)
		}
	}
	return strings.TrimSuffix(public, "/") + "/verify/"
}

// writeWhole writes a file under its name only when it is complete.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
