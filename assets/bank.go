package assets

import "slices"

// SampleBank is a question bank of our own, as a file that an office could have
// written: for the demonstration, and for whoever begins without a bank.
type SampleBank struct {
	ID, Name string
	CSV      []byte
}

var sampleBanks = []SampleBank{
	{ID: "law", Name: "医疗卫生法律法规", CSV: must("bank/law.csv")},
	{ID: "ethics", Name: "医德医风与患者安全", CSV: must("bank/ethics.csv")},
}

// SampleBanks are all of them.
func SampleBanks() []SampleBank { return slices.Clone(sampleBanks) }
