package assets

import (
	"embed"
	"slices"
	"strings"
)

//go:embed bank/*.csv
var bankFiles embed.FS

// SampleBanks are the names of the sample question banks, sorted.
func SampleBanks() []string {
	entries, err := bankFiles.ReadDir("bank")
	if err != nil {
		panic("assets: the sample banks are not embedded")
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".csv"))
	}
	slices.Sort(names)
	return names
}

// SampleBank is a sample bank as a CSV file; nil for a name that does not exist.
func SampleBank(name string) []byte {
	b, err := bankFiles.ReadFile("bank/" + name + ".csv")
	if err != nil {
		return nil
	}
	return b
}
