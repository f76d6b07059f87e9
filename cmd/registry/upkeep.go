package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry"
	"dingkao/sync/registry/httpapi"
	"dingkao/sync/registry/keys"
	"dingkao/sync/registry/node"
	"dingkao/sync/registry/notary"
)

func backup(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		path, err := one(args, "FILE, which must not exist")
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			r, err := n.Backup(ctx, path)
			if err != nil {
				return err
			}
			out.result(r, "%s: %d bytes, %d pictures and files, %s\n%skeys: %s, which must be kept secret and safe\n",
				path, r.Bytes, r.Blobs, r.At.Text(), tables(r), node.KeysBeside(path))
			return nil
		})
	}
}

func restore(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		path, err := one(args, "FILE")
		if err != nil {
			return err
		}
		r, withKeys, err := node.Restore(ctx, p.options(), path)
		if err != nil {
			return err
		}
		if !withKeys {
			fmt.Fprintf(out.errw, "registry restore: there is no %s: new keys will be made, and what the old ones signed cannot be checked any more\n", node.KeysBeside(path))
		}
		out.result(r, "restored the state of %s: %d pictures and files\n%s", r.At.Text(), r.Blobs, tables(r))
		return nil
	}
}

func tables(r registry.BackupReport) string {
	var b strings.Builder
	for _, name := range sorted(r.Rows) {
		fmt.Fprintf(&b, "  %-20s %d\n", name, r.Rows[name])
	}
	return b.String()
}

func auditVerify(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			r, err := n.AuditVerify(ctx)
			if err != nil {
				return err
			}
			verdict := "clean"
			if !r.Clean {
				verdict = "NOT CLEAN"
			}
			out.result(r, "audit log: %d entries, head %s\nstreams: %d with %d entries\n%s\n", r.Entries, r.Head, r.Streams, r.Stored,
				strings.Join(append([]string{verdict}, r.Problems...), "\n  "))
			if !r.Clean {
				return errReported
			}
			return nil
		})
	}
}

func rebuild(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			rows, err := n.RebuildProjections(ctx)
			if err != nil {
				return err
			}
			out.result(map[string]int{"rows": rows}, "%d rows rebuilt\n", rows)
			return nil
		})
	}
}

func stats(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			s, err := n.Stats(ctx)
			if err != nil {
				return err
			}
			rows := [][]string{}
			for _, l := range []struct {
				name string
				n    int
			}{{"doctors", s.Doctors}, {"accounts", s.Accounts}, {"institutions", s.Institutions}, {"sessions", s.Sessions},
				{"streams", s.Streams}, {"entries", s.Entries}, {"blobs", s.Blobs}, {"blob bytes", int(s.BlobBytes)}, {"notices in force", s.Notices}} {
				rows = append(rows, []string{l.name, fmt.Sprint(l.n)})
			}
			for _, state := range application.States {
				rows = append(rows, []string{state.Text(), fmt.Sprint(s.States[state])})
			}
			out.table(s, rows)
			return nil
		})
	}
}

func keysShow(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			cert, _, _ := n.Ring.Document()
			list := n.Ring.Published()
			var text strings.Builder
			for _, k := range list {
				fmt.Fprintf(&text, "receipt key %s  %s\n", k.ID, base64.StdEncoding.EncodeToString(k.Key))
			}
			out.result(map[string]any{"pin": n.Ring.Pin(), "authority": n.Ring.AuthorityPath(), "until": n.Ring.Authority().NotAfter,
				"documentUntil": cert.NotAfter, "keys": list},
				"CA pin: %s\nCA certificate: %s, until %s\ndocument leaf: until %s\n%s", n.Ring.Pin(), n.Ring.AuthorityPath(),
				n.Ring.Authority().NotAfter.Format(time.DateOnly), cert.NotAfter.Format(time.DateOnly), text.String())
			return nil
		})
	}
}

func keysRotate(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			if err := n.Ring.Rotate(); err != nil {
				return err
			}
			list := n.Ring.Published()
			out.result(list, "receipt key %s is in use after the next start; %d earlier one(s) stay published\n", list[0].ID, len(list)-1)
			return nil
		})
	}
}

func certificateVerify(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	key := fs.String("key", "", "a `file` of published keys: /v1/about as saved, or lines of base64; or one key in base64 · 已公布的公钥")
	ca := fs.String("ca", "", "the registry's ca.crt, for a PDF · 登记处的根证书")
	data := fs.String("data", "", "take both from this data `folder` instead · 数据目录")
	return func(_ context.Context, out *output, args []string) error {
		what, err := one(args, "FILE.pdf or the QR code's text")
		if err != nil {
			return err
		}
		var published []exam.PublicKey
		var roots *x509.CertPool
		if *data != "" {
			if _, err := os.Stat(filepath.Join(*data, "keys")); err != nil {
				return err
			}
			ring, err := keys.Open(filepath.Join(*data, "keys"), keys.Options{})
			if err != nil {
				return err
			}
			published, roots = ring.Published(), x509.NewCertPool()
			roots.AddCert(ring.Authority())
		}
		if *key != "" {
			text := []byte(*key)
			if raw, err := os.ReadFile(*key); err == nil {
				text = raw
			}
			if published, err = notary.ReadKeys(text); err != nil {
				return err
			}
		}
		if *ca != "" {
			raw, err := os.ReadFile(*ca)
			if err != nil {
				return err
			}
			if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(raw) {
				return fmt.Errorf("%s holds no certificate", *ca)
			}
		}
		var file []byte
		if strings.HasSuffix(strings.ToLower(what), ".pdf") {
			if file, err = os.ReadFile(what); err != nil {
				return err
			}
			if roots == nil {
				return usageError("a PDF wants --ca ca.crt or --data FOLDER")
			}
		} else if published == nil {
			return usageError("a QR code's text wants --key FILE or --data FOLDER")
		}
		finding := notary.Check(what, file, published, roots, time.Now())
		out.result(finding, "%s", finding.Text())
		if !finding.Genuine {
			return errReported
		}
		return nil
	}
}

func openAPI(*flag.FlagSet) func(context.Context, *output, []string) error {
	return func(_ context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		raw, err := httpapi.OpenAPI()
		if err != nil {
			return err
		}
		out.print(json.RawMessage(raw))
		return nil
	}
}
