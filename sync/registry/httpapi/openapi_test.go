package httpapi

import (
	"encoding/json"
	"strings"
	"testing"

	"dingkao/sync/wire"
)

func TestTheDescriptionListsEveryPathOfTheWire(t *testing.T) {
	raw, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("openapi is %q", doc.OpenAPI)
	}
	for path, methods := range map[string]string{
		wire.PathAbout: "get", wire.PathCaptcha: "post", wire.PathSignIn: "post", wire.PathSignOut: "post",
		wire.PathPassword: "post", wire.PathMe: "get", wire.PathEnrolment: "get", wire.PathEntries: "get post",
		wire.PathBlob: "get head put", wire.PathInstitutions: "get", wire.PathQueue: "post", wire.PathCase: "get",
		wire.PathCaseNumber: "get", wire.PathDecisions: "post", wire.PathIssue: "post", wire.PathRevoke: "post",
		wire.PathBanks: "get", wire.PathBank: "get", wire.PathPractice: "get",
		wire.PathNoticePDF: "get", wire.PathVerify: "get", wire.PathHealth: "get", wire.PathOpenAPI: "get",
		wire.PathSeat: "get post", wire.PathSealed: "get", wire.PathKey: "post", wire.PathWall: "post", wire.PathCommand: "post",
		wire.PathJournal: "get", wire.PathStatistics: "get", wire.PathPapers: "get",
	} {
		for m := range strings.FieldsSeq(methods) {
			if doc.Paths[path][m] == nil {
				t.Errorf("%s %s is not described", m, path)
			}
		}
	}
	// Every reference leads somewhere, and nothing is nullable by accident.
	var all any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				at := all
				for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					m, _ := at.(map[string]any)
					at = m[part]
				}
				if at == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			if kinds, ok := v["type"].([]any); ok {
				for _, k := range kinds {
					if k == "array" {
						t.Errorf("a nullable array: %v", v)
					}
				}
			}
			for _, child := range v {
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(all)
	// Every operation has a name of its own, and says what its path takes.
	ids := map[string]bool{}
	for path, methods := range doc.Paths {
		for m, raw := range methods {
			var o struct {
				OperationID string `json:"operationId"`
				Parameters  []struct{ Name, In string }
				Responses   map[string]any
			}
			if err := json.Unmarshal(raw, &o); err != nil || o.OperationID == "" || ids[o.OperationID] || len(o.Responses) == 0 {
				t.Errorf("%s %s: %v %+v", m, path, err, o)
			}
			ids[o.OperationID] = true
			want := strings.Count(path, "{")
			for _, p := range o.Parameters {
				if p.In == "path" {
					want--
					if !strings.Contains(path, "{"+p.Name+"}") {
						t.Errorf("%s has no %s", path, p.Name)
					}
				}
			}
			if want != 0 {
				t.Errorf("%s %s: not every parameter is described", m, path)
			}
		}
	}
	for _, leak := range []string{"ErrorModel", "$schema\""} {
		if strings.Contains(string(raw), leak) {
			t.Errorf("the description mentions %s", leak)
		}
	}
}
