package paper

import (
	"bytes"
	"encoding/json"

	"dingkao/exam"
)

// Bounds of a bank.
const (
	MostBankItems = 100_000
	MostBankBytes = 40 << 20 // encoded
	MostBankName  = 60       // characters
)

// Valid says whether the id may name a bank wherever banks are named, in a path
// and in a command too: 1 to 64 letters, digits and "-_.", no dot first.
func (id BankID) Valid() bool {
	if id == "" || len(id) > mostID || id[0] == '.' {
		return false
	}
	for _, r := range id {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return true
}

// Find is the item of a question; false where it is not in the bank.
func (b Bank) Find(id QuestionID) (Item, bool) {
	for _, it := range b.Items {
		if it.ID == id {
			return it, true
		}
	}
	return Item{}, false
}

// bankDocument is a bank on the line and on disk, with its format first, as a
// paper has it.
type bankDocument struct {
	Format int `json:"format"`
	Bank
}

const bankFormat = 1

func (b Bank) checkWhole() error {
	if !b.ID.Valid() {
		return exam.Errorf(exam.Invalid, "题库编号只能用字母、数字和“-_.”，最多%d位", mostID)
	}
	if err := checkText("题库名称", b.Name, MostBankName, true); err != nil {
		return err
	}
	switch {
	case len(b.Items) == 0:
		return exam.Errorf(exam.Invalid, "题库里没有题目")
	case len(b.Items) > MostBankItems:
		return exam.Errorf(exam.TooLarge, "题库最多%d题，请分成几个题库", MostBankItems)
	}
	return b.Check()
}

// EncodeBank is the one way to write a bank down: JSON with the fields in the
// order of the types, without white space. The error is Invalid, or TooLarge.
func EncodeBank(b Bank) ([]byte, error) {
	if err := b.checkWhole(); err != nil {
		return nil, err
	}
	raw, err := encodeBank(b)
	if err != nil {
		return nil, err
	}
	if len(raw) > MostBankBytes {
		return nil, exam.Errorf(exam.TooLarge, "题库超过%dMB，请分成几个题库", MostBankBytes>>20)
	}
	return raw, nil
}

func encodeBank(b Bank) ([]byte, error) {
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if err := e.Encode(bankDocument{bankFormat, b}); err != nil {
		return nil, exam.Wrap(exam.Internal, err, "题库没有写成")
	}
	return bytes.TrimSuffix(w.Bytes(), []byte("\n")), nil
}

// DecodeBank reads what EncodeBank writes and nothing else, so that a bank has
// one hash. The error is Invalid, or TooLarge.
func DecodeBank(data []byte) (Bank, error) {
	if len(data) > MostBankBytes {
		return Bank{}, exam.Errorf(exam.TooLarge, "题库超过%dMB，没有读取", MostBankBytes>>20)
	}
	var d bankDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return Bank{}, exam.Wrap(exam.Invalid, err, "题库的格式不对，没有读取；请重新下载")
	}
	if d.Format != bankFormat {
		return Bank{}, exam.Errorf(exam.Invalid, "题库的格式版本是%d，本程序只认识%d；请升级程序", d.Format, bankFormat)
	}
	if err := d.Bank.checkWhole(); err != nil {
		return Bank{}, err
	}
	again, err := encodeBank(d.Bank)
	if err != nil {
		return Bank{}, err
	}
	if !bytes.Equal(again, data) {
		return Bank{}, exam.Errorf(exam.Invalid, "题库不是规范的写法，没有读取；请重新下载")
	}
	return d.Bank, nil
}
