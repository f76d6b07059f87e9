// Package sqlstore is the registry's Store on SQLite (one file) and on
// PostgreSQL. There is one SQL text for both, in its tables and in its queries:
// every column is TEXT or BIGINT, names sort by a key that was computed
// beforehand, so that no database's own notion of order, time or truth comes
// in. What differs stands in sqlite.go and postgres.go, and is little: how to
// connect, how a transaction begins, and which errors mean "begin again" and
// "there already".
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"dingkao/exam"
	"dingkao/sync/registry"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a registry.Store on a SQL database.
type Store struct {
	dialect dialect
	write   *sql.DB // SQLite: one connection
	read    *sql.DB // SQLite: read-only connections; PostgreSQL: the same as write
}

var _ registry.Store = (*Store)(nil)

// dialect is what differs between the databases.
type dialect interface {
	// begin begins a transaction that is as if alone; again says how often it
	// had to begin anew.
	begin(ctx context.Context, db *sql.DB, again int) (*sql.Tx, error)
	// snapshot begins one that only reads.
	snapshot(ctx context.Context, db *sql.DB) (*sql.Tx, error)
	// lost says that the transaction has met another one: begin again.
	lost(err error) bool
	// duplicate says that a key is there already.
	duplicate(err error) bool
	// parses says that every run of a text is parsed anew, unless it was prepared.
	parses() bool
}

// Open opens the database and brings its tables up to date. It is a
// PostgreSQL address where it begins with postgres:// or postgresql://, and
// else the path of a SQLite file, which is made where it is missing.
func Open(ctx context.Context, database string) (*Store, error) {
	open := openSQLite
	if strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://") {
		open = openPostgres
	}
	s, err := open(ctx, database)
	if err != nil {
		return nil, exam.Wrap(exam.Unavailable, err, "数据库打不开，请检查数据库的地址、权限和磁盘空间")
	}
	return s, nil
}

func migrate(ctx context.Context, d goose.Dialect, db *sql.DB, options ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(d, db, files, append(options, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Close closes the connections. It may be called twice.
func (s *Store) Close() error {
	return errors.Join(s.read.Close(), s.write.Close())
}

// View runs f on one consistent snapshot.
func (s *Store) View(ctx context.Context, f func(registry.Reader) error) error {
	tx, err := s.dialect.snapshot(ctx, s.read)
	if err != nil {
		return s.fault(ctx, err)
	}
	defer tx.Rollback()
	return s.fault(ctx, f(&txn{ctx: ctx, tx: tx, dialect: s.dialect}))
}

// mostAgain bounds how often a transaction begins anew. From the second time on
// it queues behind the turnstile, so it is the busy first attempts of others
// alone that can still get in its way.
const mostAgain = 60

// Update runs f in one transaction, as if alone.
func (s *Store) Update(ctx context.Context, f func(registry.Tx) error) error {
	for again := 0; ; again++ {
		err := s.update(ctx, f, again)
		// A key that is there already may be another's that came in between:
		// the second run sees it and can say so in its own words.
		if again >= mostAgain || err == nil || !s.dialect.lost(err) && !(s.dialect.duplicate(err) && again < 3) {
			return s.fault(ctx, err)
		}
		wait := time.Duration(1+rand.IntN(4*min(again+1, 10))) * time.Millisecond
		select {
		case <-ctx.Done():
			return s.fault(ctx, ctx.Err())
		case <-time.After(wait):
		}
	}
}

func (s *Store) update(ctx context.Context, f func(registry.Tx) error, again int) error {
	tx, err := s.dialect.begin(ctx, s.write, again)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(&txn{ctx: ctx, tx: tx, dialect: s.dialect}); err != nil {
		return err
	}
	return tx.Commit()
}

// fault gives an error of the database a kind and a sentence; what has one
// already passes.
func (s *Store) fault(ctx context.Context, err error) error {
	var e *exam.Error
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case ctx.Err() != nil, s.dialect.lost(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return exam.Wrap(exam.Unavailable, err, "登记处现在很忙，这一步没有完成，请稍后再试")
	case s.dialect.duplicate(err):
		return exam.Wrap(exam.Conflict, err, "内容刚刚被别人更新，请重新读取后再试")
	case errors.Is(err, sql.ErrNoRows):
		return exam.Wrap(exam.NotFound, err, "没有找到")
	}
	return exam.Wrap(exam.Internal, err, "")
}

// txn is one transaction, as Reader and as Tx.
type txn struct {
	ctx     context.Context
	tx      *sql.Tx
	dialect dialect
	// prepared are the texts that ran before: nil once, a statement from then on.
	prepared map[string]*sql.Stmt
}

var _ registry.Tx = (*txn)(nil)

// stmt is the text as a statement of this transaction where that is worth it: in
// one that stores the answers of many candidates each text runs many times. nil
// otherwise. It lives as long as the transaction: one for longer would wait for
// the only connection, which the transaction holds.
func (t *txn) stmt(query string) (*sql.Stmt, error) {
	if !t.dialect.parses() {
		return nil, nil
	}
	s, before := t.prepared[query]
	if s != nil {
		return s, nil
	}
	if t.prepared == nil {
		t.prepared = map[string]*sql.Stmt{}
	}
	t.prepared[query] = nil
	if !before {
		return nil, nil
	}
	s, err := t.tx.PrepareContext(t.ctx, query)
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

func (t *txn) run(query string, args ...any) (sql.Result, error) {
	s, err := t.stmt(query)
	if err != nil || s == nil {
		return t.tx.ExecContext(t.ctx, query, args...)
	}
	return s.ExecContext(t.ctx, args...)
}

func (t *txn) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := t.stmt(query)
	if err != nil || s == nil {
		return t.tx.QueryContext(t.ctx, query, args...)
	}
	return s.QueryContext(t.ctx, args...)
}

func (t *txn) row(query string, args ...any) *sql.Row {
	s, err := t.stmt(query)
	if err != nil || s == nil {
		return t.tx.QueryRowContext(t.ctx, query, args...)
	}
	return s.QueryRowContext(t.ctx, args...)
}

func (t *txn) exec(query string, args ...any) error {
	_, err := t.run(query, args...)
	return err
}

// one reads one row into the places; the error is NotFound where there is none.
func (t *txn) one(what, query string, args []any, to ...any) error {
	err := t.row(query, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return exam.Errorf(exam.NotFound, "没有找到%s", what)
	}
	return err
}

// maybe reads one row, or none.
func (t *txn) maybe(query string, args []any, to ...any) (bool, error) {
	err := t.row(query, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// list reads all rows of a query, which must have a limit of its own.
func list[T any](t *txn, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.rows(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

func text[T ~string](scan func(...any) error) (T, error) {
	var s string
	err := scan(&s)
	return T(s), err
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func args(a ...any) []any { return a }

// like makes a pattern that finds s anywhere, or only at the start, whatever
// signs it holds; it goes with ESCAPE '!'.
func like(s string, anywhere bool) string {
	p := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
	if anywhere {
		return "%" + p
	}
	return p
}

// within is n where 1 ≤ n ≤ most, usual for 0, and else most.
func within(n, usual, most int) int {
	switch {
	case n <= 0:
		return usual
	case n > most:
		return most
	}
	return n
}
