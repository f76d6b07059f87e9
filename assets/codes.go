package assets

import (
	"strings"
	"sync"
)

// Code is one line of a code list: what is stored and what people see. Both are kept in a record, so
// that a wrong code harms nobody.
type Code struct {
	Code string
	Name string
	// Extra is what the list adds: the letters of an ethnic group, the one-character name of a
	// province, the category that a scope belongs to. Empty elsewhere.
	Extra string
}

// EthnicGroups lists 民族 (GB/T 3304), 58 of them.
func EthnicGroups() []Code { return list("ethnic") }

// Provinces lists 省级行政区 (GB/T 2260), 34 of them, Hong Kong, Macao and Taiwan included.
func Provinces() []Code { return list("province") }

// DocumentKinds lists 有效证件类型 (CV02.01.101).
func DocumentKinds() []Code { return list("document") }

// Categories lists 执业类别: 临床, 口腔, 公共卫生, 中医.
func Categories() []Code { return list("category") }

// Titles lists 职称 (GB/T 8561, from memory: see codes/README.md).
func Titles() []Code { return list("title") }

// Educations lists 学历 (GB/T 4658, from memory).
func Educations() []Code { return list("education") }

// Levels lists 医师级别: 执业医师, 执业助理医师.
func Levels() []Code { return list("level") }

// Scopes lists 执业范围 of one category code; nil for an unknown one.
func Scopes(category string) []Code {
	var out []Code
	for _, c := range list("scope") {
		if c.Extra == category {
			out = append(out, c)
		}
	}
	return out
}

// Name is the name of a code in one of the lists above, "" when the list does not have it:
// Name(EthnicGroups(), "01") is 汉族.
func Name(codes []Code, code string) string {
	for _, c := range codes {
		if c.Code == code {
			return c.Name
		}
	}
	return ""
}

// Find answers the code with that name, or false.
func Find(codes []Code, name string) (Code, bool) {
	for _, c := range codes {
		if c.Name == name {
			return c, true
		}
	}
	return Code{}, false
}

// Divisions lists the places (GB/T 2260) directly inside another: the provinces for "", the cities of
// a province for its two digits, the counties of a city for its four. A city without counties
// (东莞, 儋州) lists its towns, with nine digits. Nil means that nothing is known inside.
func Divisions(parent string) []Code { return places().children[parent] }

// DivisionName is the name of one place by its code, "" when unknown.
func DivisionName(code string) string { return places().names[code] }

// DivisionPath is the names from province down to the place: 山西省, 长治市, 潞州区. It is nil when the
// code is unknown.
func DivisionPath(code string) []string {
	p := places()
	var out []string
	for c := code; p.names[c] != ""; c = p.parents[c] {
		out = append([]string{p.names[c]}, out...)
	}
	return out
}

var lists = sync.OnceValue(func() map[string][]Code {
	out := map[string][]Code{}
	for line := range strings.Lines(string(must("codes/codes.tsv"))) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		c := Code{Code: f[1], Name: f[2]}
		if len(f) > 3 {
			c.Extra = f[3]
		}
		out[f[0]] = append(out[f[0]], c)
	}
	return out
})

// list answers a copy, so that no caller can spoil the list for the others.
func list(name string) []Code { return append([]Code(nil), lists()[name]...) }

type gazetteer struct {
	children map[string][]Code
	names    map[string]string
	parents  map[string]string
}

var places = sync.OnceValue(func() gazetteer {
	g := gazetteer{children: map[string][]Code{}, names: map[string]string{}, parents: map[string]string{}}
	for line := range strings.Lines(string(must("codes/divisions.tsv"))) {
		code, name, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		parent := ""
		for _, n := range []int{6, 4, 2} {
			if n < len(code) && g.names[code[:n]] != "" {
				parent = code[:n]
				break
			}
		}
		g.names[code], g.parents[code] = name, parent
		g.children[parent] = append(g.children[parent], Code{Code: code, Name: name})
	}
	return g
})
