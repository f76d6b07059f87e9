package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqliteDialect: one connection writes, each transaction taking the file's lock
// as it begins (_txlock=immediate), so transactions follow one another; others
// read beside it from the write-ahead log. synchronous=FULL puts the log on disk
// at every commit.
type sqliteDialect struct{}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive letter
		path = "/" + path
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	const common = "?_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	write, err := sql.Open("sqlite", name+common+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	write.SetConnMaxIdleTime(0)
	if err := migrate(ctx, goose.DialectSQLite3, write); err != nil {
		write.Close()
		return nil, err
	}
	read, err := sql.Open("sqlite", name+common+"&_pragma=query_only(1)")
	if err != nil {
		write.Close()
		return nil, err
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	return &Store{dialect: sqliteDialect{}, write: write, read: read}, nil
}

func (sqliteDialect) begin(ctx context.Context, db *sql.DB, _ int) (*sql.Tx, error) {
	return db.BeginTx(ctx, nil)
}

func (sqliteDialect) snapshot(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	return db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

func (sqliteDialect) lost(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_BUSY
}

func (sqliteDialect) duplicate(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func (sqliteDialect) parses() bool { return true }
