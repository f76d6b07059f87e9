package sqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"dingkao/exam"
	"dingkao/sync/registry"
)

// backedUp are the tables of a backup with their columns, in a fixed order, so
// that a copy made from one database can be read into the other. What lives
// minutes only (sessions, captchas, failures) stays behind.
var backedUp = []struct {
	table, columns string
}{
	{"provinces", "code, name, authority"},
	{"institutions", "id, kind, name, name_key, division, province, assessor"},
	{"cycles", "id, body"},
	{"doctors", "id, province, identity, name, kind_code, kind_name, institution, licence_no, qualification_no, mobile"},
	{"applications", "id, doctor, cycle"},
	{"accounts", "id, province, login, name, role, office, doctor, password, must_change, disabled, created, last_sign_in"},
	{"entries", "stream, seq, hash, received, raw"},
	{"heads", "stream, seq, hash, received"},
	{"dossiers", "application, doctor, cycle, province, institution, assessor, institution_name, name, name_key, document, department, course, state, state_order, correction, submitted, changed, own_seq, in_force, notice, exemption, appeal, attempt, concluded"},
	{"notices", "serial, application, number, document, state, reserved"},
	{"blobs", "hash, bytes, at"},
	{"uploads", "hash, account, bytes, at"},
	{"blob_uses", "hash, application"},
	{"papers", "id, cycle, title, minutes, questions, sealed, hash, cipher, encoded, answers, rules, seed, created"},
	{"sittings", "id, application, cycle, paper, seed, resit, made, terminal, machine, room, held, tries, checks, seen, released"},
	{"wall", "sitting, cycle, province, assessor, paper, state, room, machine, name, document, heard, noticed, due, ends, body"},
	{"sheets", "digest, sitting, paper, at, body"},
	{"audit", "seq, at, account, name, role, address, action, target, result, detail, prev, hash"},
	{"banks", "id, name, open, questions, bytes, hash, body, changed"},
	{"devices", "doctor, device"},
	{"checkpoints", "id, seq, hash, at, name, sig"},
}

// Export hands out every row of a backup: a JSON array of strings and integers
// in the order of the table's columns.
func (s *Store) Export(ctx context.Context, begin func(registry.Reader) error, row func(table string, row []byte) error) error {
	tx, err := s.dialect.snapshot(ctx, s.read)
	if err != nil {
		return s.fault(ctx, err)
	}
	defer tx.Rollback()
	t := &txn{ctx: ctx, tx: tx, dialect: s.dialect}
	if err := begin(t); err != nil {
		return s.fault(ctx, err)
	}
	for _, b := range backedUp {
		if err := t.export(b.table, b.columns, row); err != nil {
			return s.fault(ctx, err)
		}
	}
	return nil
}

func (t *txn) export(table, columns string, row func(string, []byte) error) error {
	rows, err := t.tx.QueryContext(t.ctx, "SELECT "+columns+" FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	n := strings.Count(columns, ",") + 1
	values, places := make([]any, n), make([]any, n)
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, v := range values {
			switch v := v.(type) {
			case []byte:
				values[i] = string(v)
			case string, int64:
			default:
				return fmt.Errorf("%s: column %d holds a %T", table, i, v)
			}
		}
		line, err := json.Marshal(values)
		if err != nil {
			return err
		}
		if err := row(table, line); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Import writes the rows of an Export into an empty store.
func (s *Store) Import(ctx context.Context, next func() (table string, row []byte, err error)) error {
	tx, err := s.dialect.begin(ctx, s.write, 1)
	if err != nil {
		return s.fault(ctx, err)
	}
	defer tx.Rollback()
	insert := map[string]string{}
	for _, b := range backedUp {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+b.table).Scan(&n); err != nil {
			return s.fault(ctx, err)
		}
		if n > 0 {
			return exam.Errorf(exam.Refused, "数据库里已经有内容，没有恢复；请指定一个空的数据库")
		}
		var w where
		places := make([]string, strings.Count(b.columns, ",")+1)
		for i := range places {
			places[i] = w.put(nil)
		}
		insert[b.table] = "INSERT INTO " + b.table + " (" + b.columns + ") VALUES (" + strings.Join(places, ", ") + ")"
	}
	for {
		table, row, err := next()
		if errors.Is(err, io.EOF) {
			return s.fault(ctx, tx.Commit())
		}
		if err != nil {
			return s.fault(ctx, err)
		}
		query, ok := insert[table]
		if !ok {
			return exam.Errorf(exam.Damaged, "备份文件里有不认识的内容，没有恢复；请使用与备份相同或更新的版本")
		}
		values, err := decodeRow(row)
		if err != nil {
			return exam.Wrap(exam.Damaged, fmt.Errorf("%s: %w", table, err), "备份文件已损坏，没有恢复；请换一份备份")
		}
		if _, err := tx.ExecContext(ctx, query, values...); err != nil {
			return exam.Wrap(exam.Damaged, fmt.Errorf("%s: %w", table, err), "备份文件的内容不完整，没有恢复；请换一份备份")
		}
	}
}

func decodeRow(row []byte) ([]any, error) {
	dec := json.NewDecoder(bytes.NewReader(row))
	dec.UseNumber()
	var values []any
	if err := dec.Decode(&values); err != nil {
		return nil, err
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return nil, err
			}
			values[i] = n
		default:
			return nil, fmt.Errorf("column %d is neither text nor integer", i)
		}
	}
	return values, nil
}
