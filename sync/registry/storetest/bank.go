package storetest

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"dingkao/exam/paper"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

func bank(id paper.BankID, open bool, version int) registry.BankRecord {
	body := []byte(fmt.Sprintf(`{"id":%q,"text":"中文 <b>&</b> \"引号\" %d"}`, id, version))
	return registry.BankRecord{ID: id, Name: "医疗法规", Open: open, Questions: 10 + version, Size: len(body), Hash: wire.BlobHashOf(body), Body: body, Changed: 7}
}

func banks(t *testing.T, s registry.Store) {
	law, sealed := bank("law", true, 1), bank("exam", false, 1)
	update(t, s, func(tx registry.Tx) error {
		return all(func() error { return tx.PutBank(law) }, func() error { return tx.PutBank(sealed) },
			func() error { return tx.PutDevice("d1", "t-b") }, func() error { return tx.PutDevice("d1", "t-A") },
			func() error { return tx.PutDevice("d2", "t-c") }, func() error { return tx.PutDevice("d1", "t-b") })
	})
	again := bank("law", false, 2)
	again.Name, again.Changed = "医疗法规（修订）", 9
	update(t, s, func(tx registry.Tx) error { return tx.PutBank(again) })
	view(t, s, func(tx registry.Reader) error {
		got, err := tx.Bank("law")
		if err != nil || !reflect.DeepEqual(got, again) || !bytes.Equal(got.Body, again.Body) {
			t.Errorf("got %+v, %v", got, err)
		}
		if ds, err := tx.Devices("d1"); err != nil || !slices.Equal(ds, []string{"t-A", "t-b"}) {
			t.Errorf("devices %v, %v", ds, err)
		}
		list, err := tx.Banks()
		sealed.Body, again.Body = nil, nil
		if want := []registry.BankRecord{sealed, again}; !reflect.DeepEqual(list, want) {
			t.Errorf("listed %+v", list)
		}
		return err
	})
}
