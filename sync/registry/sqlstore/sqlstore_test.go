package sqlstore_test

import (
	"context"
	"path/filepath"
	"testing"

	"dingkao/sync/registry"
	"dingkao/sync/registry/sqlstore"
	"dingkao/sync/registry/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func open(t *testing.T, database string) registry.Store {
	t.Helper()
	s, err := sqlstore.Open(context.Background(), database)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSQLiteIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) registry.Store { return open(t, filepath.Join(t.TempDir(), "a b%20?.db")) })
}

func TestPostgreSQLIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) registry.Store { return open(t, storetest.Postgres(t)) })
}
