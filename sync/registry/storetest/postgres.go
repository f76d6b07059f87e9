package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Require names the environment variable that turns a missing PostgreSQL from a
// skipped test into a failed one: set to 1 wherever it is installed on purpose.
const Require = "DINGKAO_REQUIRE_POSTGRES"

// Cluster is a private PostgreSQL server in a temporary folder: it listens on a
// Unix socket in that folder alone, and dies with it.
type Cluster struct {
	folder string
	number atomic.Int64
	run    func(name string, args ...string) *exec.Cmd
	pgctl  string
}

var cluster *Cluster
var missing string

// Main runs a package's tests with a Cluster for PostgreSQL to hand out: its
// TestMain is func TestMain(m *testing.M) { storetest.Main(m) }.
func Main(m *testing.M) {
	var err error
	if cluster, err = start(); err != nil {
		missing = err.Error()
		fmt.Fprintf(os.Stderr, "\n*** NO POSTGRESQL HERE: %v\n*** Everything is tested on SQLite only. Install the package \"postgresql\" (its initdb and\n*** pg_ctl are looked for in PATH and /usr/lib/postgresql/*/bin); %s=1 makes this a failure.\n\n", err, Require)
	}
	code := m.Run()
	if cluster != nil {
		cluster.stop()
	}
	os.Exit(code)
}

// Postgres is the address of a fresh, empty database. Where there is no
// PostgreSQL the test is skipped, or fails where Require says so.
func Postgres(t testing.TB) string {
	t.Helper()
	if cluster == nil {
		if missing == "" {
			missing = "the package's TestMain does not call storetest.Main"
		}
		if os.Getenv(Require) == "1" {
			t.Fatalf("PostgreSQL is required (%s=1) but missing: %s", Require, missing)
		}
		t.Skipf("NOT TESTED ON POSTGRESQL: %s", missing)
	}
	address, err := cluster.database()
	if err != nil {
		t.Fatalf("a database could not be made: %v", err)
	}
	return address
}

func start() (*Cluster, error) {
	if runtime.GOOS == "windows" {
		return nil, fmt.Errorf("private clusters are started on Unix only")
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// The folder is short: a socket's path has at most 107 bytes.
	folder, err := os.MkdirTemp("/tmp", "pgt")
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, run: exec.Command, pgctl: filepath.Join(bin, "pg_ctl")}
	fail := func(err error) (*Cluster, error) {
		os.RemoveAll(folder)
		return nil, err
	}
	if os.Geteuid() == 0 { // the server refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			if u, err = user.Lookup("nobody"); err != nil {
				return fail(fmt.Errorf("PostgreSQL does not run as root, and there is no other user to run it as"))
			}
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(folder, uid, gid); err != nil {
			return fail(err)
		}
		c.run = func(name string, args ...string) *exec.Cmd {
			cmd := exec.Command(name, args...)
			as(cmd, uid, gid)
			cmd.Dir, cmd.Env = folder, append(os.Environ(), "HOME="+folder)
			return cmd
		}
	}
	data := filepath.Join(folder, "data")
	if out, err := c.run(filepath.Join(bin, "initdb"), "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		return fail(fmt.Errorf("initdb: %w: %s", err, out))
	}
	options := "-c listen_addresses='' -c unix_socket_directories='" + folder + "' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB"
	if out, err := c.run(c.pgctl, "-D", data, "-w", "-t", "30", "-l", filepath.Join(folder, "log"), "-o", options, "start").CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		return fail(fmt.Errorf("pg_ctl start: %w: %s %s", err, out, log))
	}
	return c, nil
}

func (c *Cluster) stop() {
	c.run(c.pgctl, "-D", filepath.Join(c.folder, "data"), "-m", "immediate", "-w", "stop").Run()
	os.RemoveAll(c.folder)
}

func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("initdb was not found")
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(strings.Split(p, "/")[4])
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func (c *Cluster) address(name string) string {
	return "postgres:///" + name + "?" + url.Values{"host": {c.folder}, "user": {"test"}}.Encode()
}

func (c *Cluster) database() (string, error) {
	db, err := sql.Open("pgx", c.address("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	name := fmt.Sprintf("t%d", c.number.Add(1))
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return c.address(name), nil
}
