// Package node opens the parts of one registry process and joins them: the
// store, the folder of blobs, the keys and the notary behind the use cases. The
// server, every operator's command, the demonstration and the tests go through
// it, so that all of them run on the same registry.
//
// The data folder holds registry.db (unless the store is PostgreSQL), blobs/
// and keys/. Many processes may stand on one folder: a command may be given
// while the server runs.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dingkao/exam"
	"dingkao/sync/registry"
	"dingkao/sync/registry/keys"
	"dingkao/sync/registry/notary"
	"dingkao/sync/registry/sqlstore"
)

// Options say what to open. Data is required; the rest has useful zero values.
type Options struct {
	Data string // the folder
	// Database is "" or "sqlite" for registry.db in the folder, or a postgres:// address.
	Database string
	TLSNames []string // see keys.Options.Names
	// Regular and Bold are the fonts of the notice; without them Trouble says so
	// and issuing is refused.
	Regular, Bold []byte
	// Notary stands in for the one made of the fonts, in tests.
	Notary           registry.Notary
	Name             string // of the system; "" means 医师定期考核信息登记管理系统
	Version          string
	Support          string // telephone
	VerifyURL        string // ends in a slash
	RehearsalCaptcha string
	Hash             registry.HashCost
	Clock            func() time.Time // nil: time.Now
	Log              *slog.Logger     // nil: slog.Default
}

// Node is an opened registry. Close closes it.
type Node struct {
	*registry.Registry
	Ring  *keys.Ring
	Store registry.Store
	Blobs registry.Blobs
	// Trouble is what does not work although the registry does: "" or one
	// sentence for the operator.
	Trouble string
	options registry.Options
	keys    string // the folder
}

var errNoData = errors.New("no data folder was named")

// StoreAt is the database that Options mean.
func (o Options) StoreAt() string {
	if o.Database == "" || o.Database == "sqlite" {
		return filepath.Join(o.Data, "registry.db")
	}
	return o.Database
}

// Parts opens store and blobs alone, as a restore needs them.
func Parts(ctx context.Context, o Options) (registry.Store, registry.Blobs, error) {
	if o.Data == "" {
		return nil, nil, errNoData
	}
	if strings.Contains(o.Database, "://") && !strings.HasPrefix(o.Database, "postgres://") && !strings.HasPrefix(o.Database, "postgresql://") {
		return nil, nil, fmt.Errorf("unknown kind of database: want sqlite or postgres://…")
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, nil, err
	}
	blobs, err := registry.FolderBlobs(filepath.Join(o.Data, "blobs"))
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlstore.Open(ctx, o.StoreAt())
	return store, blobs, err
}

// Open opens everything.
func Open(ctx context.Context, o Options) (*Node, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Name == "" {
		o.Name = "医师定期考核信息登记管理系统"
	}
	if o.Data == "" { // keys made elsewhere would be lost keys
		return nil, errNoData
	}
	ring, err := keys.Open(filepath.Join(o.Data, "keys"), keys.Options{Names: o.TLSNames, Now: o.Clock})
	if err != nil {
		return nil, err
	}
	n := &Node{Ring: ring, keys: filepath.Join(o.Data, "keys")}
	drawing := o.Notary
	if drawing == nil {
		made, err := notary.New(ring, o.Regular, o.Bold, ring.Authority().Subject.Organization[0], o.Clock)
		if err != nil {
			n.Trouble = exam.SentenceOf(err)
		} else {
			drawing = made
		}
	}
	if n.Store, n.Blobs, err = Parts(ctx, o); err != nil {
		return nil, err
	}
	id, key := ring.Receipt()
	n.options = registry.Options{
		Store: n.Store, Blobs: n.Blobs, Signing: registry.SigningKey{KeyID: id, Receipt: key}, OldKeys: ring.Published()[1:],
		Notary: drawing, Clock: o.Clock, Name: o.Name, Version: o.Version, Support: o.Support, VerifyURL: o.VerifyURL,
		RehearsalCaptcha: o.RehearsalCaptcha, Hash: o.Hash,
		Log: func(message string, err error) { o.Log.Error(message, "error", err) },
	}
	if n.Registry, err = registry.Open(ctx, n.options); err != nil {
		n.Store.Close()
		return nil, err
	}
	return n, nil
}

// With is a second registry on the same parts with changed options: the
// demonstration makes its data through one that asks for no real captcha.
func (n *Node) With(ctx context.Context, change func(*registry.Options)) (*registry.Registry, error) {
	o := n.options
	change(&o)
	return registry.Open(ctx, o)
}

// KeysBeside is the file that holds the keys of a backup.
func KeysBeside(path string) string { return path + ".keys" }

// Backup writes everything into path and the keys into the file beside it,
// readable by the owner alone. Neither may exist.
func (n *Node) Backup(ctx context.Context, path string) (registry.BackupReport, error) {
	exported, err := keys.Export(n.keys)
	if err != nil {
		return registry.BackupReport{}, err
	}
	f, err := os.OpenFile(KeysBeside(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return registry.BackupReport{}, err
	}
	_, err = f.Write(exported)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		var r registry.BackupReport
		if r, err = n.Registry.Backup(ctx, path); err == nil {
			return r, nil
		}
	}
	os.Remove(KeysBeside(path))
	return registry.BackupReport{}, err
}

// Restore reads a backup, and the keys beside it, into an empty place. withKeys
// says whether the keys were there; without them the registry makes new ones,
// and what the old ones signed cannot be checked any more.
func Restore(ctx context.Context, o Options, path string) (r registry.BackupReport, withKeys bool, err error) {
	exported, err := os.ReadFile(KeysBeside(path))
	withKeys = err == nil
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, false, err
	}
	if _, err := os.Stat(path); err != nil {
		return r, withKeys, err
	}
	if withKeys {
		if err := keys.Import(filepath.Join(o.Data, "keys"), exported); err != nil {
			return r, withKeys, err
		}
	}
	store, blobs, err := Parts(ctx, o)
	if err != nil {
		return r, withKeys, err
	}
	r, err = registry.Restore(ctx, store, blobs, path)
	return r, withKeys, errors.Join(err, store.Close())
}

// Close closes the store.
func (n *Node) Close() error { return n.Store.Close() }
