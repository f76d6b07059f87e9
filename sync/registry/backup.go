package registry

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dingkao/exam"
)

// A backup is a tar file: "dingkao-backup.json" first, the blobs, the rows of
// every table as JSON lines in parts of a few megabytes, and "end.json" with
// the counts last, so that a file which was cut off is known. It does not hang
// on the database: what SQLite held can be read into PostgreSQL.
const (
	backupHead = "dingkao-backup.json"
	backupEnd  = "end.json"
	backupForm = 1
	partSize   = 4 << 20
	// mostPart bounds what a restore reads into memory at once.
	mostPart = 128 << 20 // a whole bank is one row
)

type backupMark struct {
	Form int `json:"form"`
	BackupReport
}

// Backup writes everything into one new file, from one snapshot, while the
// registry goes on. Sessions are not in it: everybody signs in again after a
// restore. The error is Refused where the file is there already.
func (r *Registry) Backup(ctx context.Context, path string) (BackupReport, error) {
	rep := BackupReport{Rows: map[string]int{}, At: r.now()}
	if _, err := os.Stat(path); err == nil {
		return rep, exam.Errorf(exam.Refused, "备份文件已经存在，没有覆盖；请换一个文件名")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".backup-")
	if err != nil {
		return rep, exam.Wrap(exam.Unavailable, err, "备份文件写不进去，请检查文件夹和磁盘空间")
	}
	defer os.Remove(tmp.Name())
	err = r.backup(ctx, tmp, &rep)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		var e *exam.Error
		if errors.As(err, &e) {
			return rep, err
		}
		return rep, exam.Wrap(exam.Unavailable, err, "备份没有完成，请检查磁盘空间后重试")
	}
	info, err := os.Stat(tmp.Name())
	if err != nil {
		return rep, exam.Wrap(exam.Unavailable, err, "备份没有完成，请检查磁盘空间后重试")
	}
	rep.Bytes = info.Size()
	// Linking refuses to replace a file that has come meanwhile.
	if err := os.Link(tmp.Name(), path); err != nil {
		if errors.Is(err, os.ErrExist) {
			return rep, exam.Errorf(exam.Refused, "备份文件已经存在，没有覆盖；请换一个文件名")
		}
		if err := os.Rename(tmp.Name(), path); err != nil { // no links on this file system
			return rep, exam.Wrap(exam.Unavailable, err, "备份文件写不进去，请检查文件夹和磁盘空间")
		}
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return rep, exam.Wrap(exam.Unavailable, err, "备份文件写不进去，请检查文件夹和磁盘空间")
	}
	return rep, r.store.Update(ctx, func(tx Tx) error {
		return r.audit(tx, audit{action: "backup", target: filepath.Base(path)})
	})
}

func (r *Registry) backup(ctx context.Context, file io.Writer, rep *BackupReport) error {
	buffered := bufio.NewWriterSize(file, 1<<20)
	w := tar.NewWriter(buffered)
	put := func(name string, data []byte) error {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: rep.At.Time().Truncate(time.Second)}); err != nil {
			return err
		}
		_, err := w.Write(data)
		return err
	}
	mark := func(name string) error {
		data, err := json.Marshal(backupMark{backupForm, *rep})
		if err != nil {
			return err
		}
		return put(name, data)
	}
	if err := mark(backupHead); err != nil {
		return err
	}
	var part bytes.Buffer
	table, n := "", 0
	flush := func() error {
		if part.Len() == 0 {
			return nil
		}
		n++
		err := put(fmt.Sprintf("tables/%s/%06d.jsonl", table, n), part.Bytes())
		part.Reset()
		return err
	}
	err := r.store.Export(ctx, func(tx Reader) error {
		var after exam.BlobHash
		for {
			hashes, err := tx.AllBlobs(after, chunk)
			if err != nil {
				return err
			}
			for _, h := range hashes {
				after = h
				data, err := r.blobs.Get(ctx, h)
				if err != nil {
					return exam.Wrap(exam.Damaged, err, "有一个存放的文件读不出来（"+string(h)+"），备份没有完成")
				}
				if err := put("blobs/"+string(h), data); err != nil {
					return err
				}
				rep.Blobs++
			}
			if len(hashes) < chunk {
				return nil
			}
		}
	}, func(t string, row []byte) error {
		if t != table || part.Len()+len(row) > partSize {
			if err := flush(); err != nil {
				return err
			}
			if t != table {
				table, n = t, 0
			}
		}
		part.Write(row)
		part.WriteByte('\n')
		rep.Rows[t]++
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = mark(backupEnd)
	}
	if err != nil {
		return err
	}
	return errors.Join(w.Close(), buffered.Flush())
}

// Restore reads a backup into an empty store. The rows come in one
// transaction: a file that is damaged or cut off leaves the store empty. The
// error is Refused where it is not empty, Damaged for such a file.
func Restore(ctx context.Context, store Store, blobs Blobs, path string) (BackupReport, error) {
	rep := BackupReport{Rows: map[string]int{}}
	damaged := func(err error) error {
		return exam.Wrap(exam.Damaged, err, "备份文件已损坏或不完整，没有恢复；请换一份备份")
	}
	f, err := os.Open(path)
	if err != nil {
		return rep, exam.Wrap(exam.NotFound, err, "备份文件打不开，请检查文件名和权限")
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		rep.Bytes = info.Size()
	}
	in := tar.NewReader(bufio.NewReaderSize(f, 1<<20))
	var end *backupMark
	first := true
	table := ""
	var lines [][]byte
	err = store.Import(ctx, func() (string, []byte, error) {
		for {
			if len(lines) > 0 {
				line := lines[0]
				lines = lines[1:]
				rep.Rows[table]++
				return table, line, nil
			}
			h, err := in.Next()
			if errors.Is(err, io.EOF) {
				if end == nil || end.Blobs != rep.Blobs || fmt.Sprint(end.Rows) != fmt.Sprint(rep.Rows) {
					return "", nil, damaged(errors.New("the end is missing or its counts differ"))
				}
				return "", nil, io.EOF
			}
			if err != nil {
				return "", nil, damaged(err)
			}
			if h.Size > mostPart || end != nil {
				return "", nil, damaged(fmt.Errorf("%q of %d bytes", h.Name, h.Size))
			}
			data, err := io.ReadAll(in)
			if err != nil {
				return "", nil, damaged(err)
			}
			if first != (h.Name == backupHead) {
				return "", nil, damaged(errors.New("not a backup of ours"))
			}
			first = false
			kind, rest, _ := strings.Cut(h.Name, "/")
			switch {
			case h.Name == backupHead || h.Name == backupEnd:
				var m backupMark
				if err := json.Unmarshal(data, &m); err != nil || m.Form != backupForm {
					return "", nil, damaged(errors.New("a form that this version does not know"))
				}
				rep.At = m.At
				if h.Name == backupEnd {
					end = &m
				}
			case kind == "blobs":
				if err := blobs.Put(ctx, exam.BlobHash(rest), data); err != nil {
					return "", nil, err
				}
				rep.Blobs++
			case kind == "tables":
				table, _, _ = strings.Cut(rest, "/")
				lines = bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
			default:
				return "", nil, damaged(fmt.Errorf("%q", h.Name))
			}
		}
	})
	return rep, err
}
