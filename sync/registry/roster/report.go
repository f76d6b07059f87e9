package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dingkao/exam"
	"dingkao/sync/registry"
)

// Importer is the registry as an import needs it; *registry.Registry is one.
type Importer interface {
	// ImportRoster adds or updates doctors, each row by itself, and says how it
	// went with each, in order.
	ImportRoster(ctx context.Context, rows []registry.RosterRow) ([]registry.RosterResult, error)
	// ListInstitutions lists the offices that match, for a dry run.
	ListInstitutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error)
}

// Report says how an import went, row by row.
type Report struct {
	DryRun    bool                    `json:"dryRun"`
	Added     int                     `json:"added"`
	Updated   int                     `json:"updated"`
	Unchanged int                     `json:"unchanged"`
	Refused   int                     `json:"refused"`
	Readable  int                     `json:"readable,omitempty"` // of a dry run: rows that read well
	Notes     []string                `json:"notes,omitempty"`
	Rows      []registry.RosterResult `json:"rows"` // in the order of the file
}

// Import reads a file and takes its rows in. A dry run reads it and looks up the
// institutions, and writes nothing. The error is that of Read, or of the
// registry where it cannot be asked; then nothing was taken in.
func Import(ctx context.Context, to Importer, data []byte, province string, dry bool) (Report, error) {
	f, err := Read(data, province)
	if err != nil {
		return Report{}, err
	}
	r := Report{DryRun: dry, Notes: f.Notes}
	results := slices.Clone(f.Refused)
	if dry {
		unknown, err := unknownOffices(ctx, to, f.Rows, province)
		if err != nil {
			return Report{}, err
		}
		results = append(results, unknown...)
		r.Readable = len(f.Rows) - len(unknown)
	} else if len(f.Rows) > 0 {
		taken, err := to.ImportRoster(ctx, f.Rows)
		if err != nil {
			return Report{}, err
		}
		results = append(results, taken...)
	}
	r.count(results)
	return r, nil
}

// unknownOffices are the rows whose institution the registry does not have.
func unknownOffices(ctx context.Context, to Importer, rows []registry.RosterRow, province string) ([]registry.RosterResult, error) {
	known := map[string]bool{}
	var list []registry.RosterResult
	for _, row := range rows {
		ok, asked := known[row.Institution]
		if !asked {
			found, err := to.ListInstitutions(ctx, exam.InstitutionQuery{Division: province, Name: row.Institution, Limit: 1000})
			if err != nil {
				return nil, err
			}
			ok = slices.ContainsFunc(found, func(i exam.Institution) bool {
				return i.Kind == exam.OfficeInstitution && i.Name == row.Institution
			})
			known[row.Institution] = ok
		}
		if !ok {
			list = append(list, registry.RosterResult{Line: row.Line, Result: "refused", Sentence: "机构“" + clip(row.Institution) + "”没有在本省登记"})
		}
	}
	return list, nil
}

func (r *Report) count(results []registry.RosterResult) {
	slices.SortStableFunc(results, func(a, b registry.RosterResult) int { return a.Line - b.Line })
	r.Rows = results
	for _, res := range results {
		switch res.Result {
		case "added":
			r.Added++
		case "updated":
			r.Updated++
		case "unchanged":
			r.Unchanged++
		default:
			r.Refused++
		}
	}
}

// Text is the report as people read it: what was refused, line by line, then
// the sum.
func (r Report) Text() string {
	var b strings.Builder
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "说明：%s\n", n)
	}
	for _, res := range r.Rows {
		if res.Result == "refused" {
			fmt.Fprintf(&b, "第%d行：未导入，%s\n", res.Line, res.Sentence)
		} else if res.Sentence != "" {
			fmt.Fprintf(&b, "第%d行：%s\n", res.Line, res.Sentence)
		}
	}
	if r.DryRun {
		fmt.Fprintf(&b, "试读：可导入 %d 行，有问题 %d 行；没有写入任何内容\n", r.Readable, r.Refused)
	} else {
		fmt.Fprintf(&b, "新增 %d，更新 %d，无变化 %d，未导入 %d\n", r.Added, r.Updated, r.Unchanged, r.Refused)
	}
	return b.String()
}

// OfficeColumns are the headings of a list of offices.
var OfficeColumns = []string{"编号", "类别", "名称", "行政区划代码", "考核机构编号"}

// OfficeTaker takes offices in; *registry.Registry does.
type OfficeTaker interface {
	AddInstitution(ctx context.Context, i exam.Institution) error
}

// ImportOffices reads a list of offices (医疗卫生机构, 考核机构) and takes in
// what reads well, row by row; assessors should stand before the institutions
// that name them.
func ImportOffices(ctx context.Context, to OfficeTaker, data []byte, dry bool) (Report, error) {
	var f File
	lines, err := f.lines(data)
	if err != nil {
		return Report{}, err
	}
	columns := map[string]int{}
	if len(lines) > 0 {
		for c, cell := range lines[0] {
			columns[squeeze(cell)] = c
		}
	}
	for _, need := range OfficeColumns[:4] {
		if _, ok := columns[need]; !ok {
			return Report{}, exam.Errorf(exam.Invalid, "表头里缺少“%s”这一列，第一行应有：%s；没有导入任何内容", need, strings.Join(OfficeColumns, "、"))
		}
	}
	kinds := map[string]exam.OfficeKind{"": exam.OfficeInstitution, "医疗卫生机构": exam.OfficeInstitution, "考核机构": exam.OfficeAssessor,
		"卫生健康行政部门": exam.OfficeAuthority, "institution": exam.OfficeInstitution, "assessor": exam.OfficeAssessor, "authority": exam.OfficeAuthority}
	r := Report{DryRun: dry, Notes: f.Notes}
	var results []registry.RosterResult
	for i, line := range lines[1:] {
		if empty(line) {
			continue
		}
		get := func(name string) string {
			if c, ok := columns[name]; ok && c < len(line) {
				return squeeze(line[c])
			}
			return ""
		}
		res := registry.RosterResult{Line: i + 2, Result: "added"}
		kind, known := kinds[get("类别")]
		o := exam.Institution{ID: exam.InstitutionID(get("编号")), Kind: kind, Name: get("名称"), Division: get("行政区划代码"), Assessor: exam.InstitutionID(get("考核机构编号"))}
		switch {
		case !known:
			res.Result, res.Sentence = "refused", "类别应为医疗卫生机构、考核机构或卫生健康行政部门"
		case o.ID == "" || o.Name == "" || o.Division == "":
			res.Result, res.Sentence = "refused", "编号、名称和行政区划代码都要填写"
		case dry:
			r.Readable++
			continue
		default:
			if err := to.AddInstitution(ctx, o); err != nil {
				if k := exam.KindOf(err); k == exam.Internal || k == exam.Unavailable {
					return Report{}, err
				}
				res.Result, res.Sentence = "refused", exam.SentenceOf(err)
			}
		}
		results = append(results, res)
	}
	r.count(results)
	return r, nil
}
