package local

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestABankLiesSealedAndForItsDoctorAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	one, err := s.Admit("one", "password-1")
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.Admit("two", "password-2")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"format":1,"name":"可以辨认的题库"}`)
	if err := one.Update(func(tx *Tx) error { return tx.KeepBank("law", body) }); err != nil {
		t.Fatal(err)
	}
	got := func(v *Vault) (b []byte) {
		if err := v.View(func(tx *Tx) (err error) { b, err = tx.Bank("law"); return err }); err != nil {
			t.Error(err)
		}
		return b
	}
	if !bytes.Equal(got(one), body) || got(two) != nil {
		t.Errorf("one has %q, two has %q", got(one), got(two))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || bytes.Contains(raw, []byte("可以辨认的题库")) {
		t.Errorf("the bank can be read in the file: %v", err)
	}
}
