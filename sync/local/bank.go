package local

import (
	"dingkao/exam/paper"
)

// inBanks holds question banks, by id. It is made when the first one comes: older
// vaults do not have it.
const inBanks = "banks"

// KeepBank puts a bank's encoding into the vault, in the place of an older one.
// It is sealed like everything else, so it lies here once for each doctor.
func (t *Tx) KeepBank(id paper.BankID, body []byte) error {
	if _, err := t.b.CreateBucketIfNotExists([]byte(inBanks)); err != nil {
		return err
	}
	return t.put(inBanks, string(id), body)
}

// Bank is a bank's encoding, nil where it is not here.
func (t *Tx) Bank(id paper.BankID) ([]byte, error) {
	if t.b.Bucket([]byte(inBanks)) == nil {
		return nil, nil
	}
	return t.get(inBanks, string(id))
}
