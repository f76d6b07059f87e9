package sqlstore

import (
	"cmp"
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/sync/registry"
)

func (t *txn) Banks() ([]registry.BankRecord, error) {
	all, err := list(t, func(scan func(...any) error) (registry.BankRecord, error) {
		var b registry.BankRecord
		err := scan(&b.ID, &b.Name, &b.Open, &b.Questions, &b.Size, &b.Hash, &b.Changed)
		return b, err
	}, "SELECT id, name, open, questions, bytes, hash, changed FROM banks LIMIT $1", registry.MostBanks)
	slices.SortFunc(all, func(a, b registry.BankRecord) int { return cmp.Compare(a.ID, b.ID) })
	return all, err
}

func (t *txn) Bank(id paper.BankID) (registry.BankRecord, error) {
	var b registry.BankRecord
	var body string
	err := t.one("这个题库", "SELECT id, name, open, questions, bytes, hash, changed, body FROM banks WHERE id = $1", args(string(id)),
		&b.ID, &b.Name, &b.Open, &b.Questions, &b.Size, &b.Hash, &b.Changed, &body)
	b.Body = []byte(body)
	return b, err
}

func (t *txn) PutBank(b registry.BankRecord) error {
	return t.exec(`INSERT INTO banks (id, name, open, questions, bytes, hash, body, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, open = excluded.open, questions = excluded.questions,
			bytes = excluded.bytes, hash = excluded.hash, body = excluded.body, changed = excluded.changed`,
		string(b.ID), b.Name, number(b.Open), b.Questions, len(b.Body), string(b.Hash), string(b.Body), int64(b.Changed))
}

func (t *txn) Devices(doctor exam.DoctorID) ([]string, error) {
	devices, err := list(t, text[string], "SELECT device FROM devices WHERE doctor = $1 LIMIT $2", string(doctor), registry.MostDevices)
	slices.Sort(devices) // and not by what order the database likes
	return devices, err
}

func (t *txn) PutDevice(doctor exam.DoctorID, device string) error {
	return t.exec("INSERT INTO devices (doctor, device) VALUES ($1, $2) ON CONFLICT (doctor, device) DO NOTHING", string(doctor), device)
}
