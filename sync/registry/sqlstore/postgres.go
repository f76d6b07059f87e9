package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresDialect: transactions are SERIALIZABLE and begin again where the
// server finds that they cannot have been alone. At READ COMMITTED a
// read-modify-write loses updates silently.
type postgresDialect struct{}

func openPostgres(ctx context.Context, address string) (*Store, error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	// Several nodes may start at once: one brings the tables up to date.
	locker, err := lock.NewPostgresSessionLocker()
	if err == nil {
		err = migrate(ctx, goose.DialectPostgres, db, goose.WithSessionLocker(locker))
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return &Store{dialect: postgresDialect{}, write: db, read: db}, nil
}

func (postgresDialect) begin(ctx context.Context, db *sql.DB, again int) (*sql.Tx, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil || again == 0 {
		return tx, err
	}
	// LOCK TABLE takes no snapshot, so what those ahead in the queue committed
	// is seen.
	if _, err := tx.ExecContext(ctx, "LOCK TABLE turnstile IN EXCLUSIVE MODE"); err != nil {
		tx.Rollback()
		return nil, err
	}
	return tx, nil
}

func (postgresDialect) snapshot(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	return db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func (postgresDialect) lost(err error) bool {
	c := code(err)
	return c == "40001" || c == "40P01" // serialization_failure, deadlock_detected
}

func (postgresDialect) duplicate(err error) bool { return code(err) == "23505" }

// The driver keeps prepared statements itself.
func (postgresDialect) parses() bool { return false }
