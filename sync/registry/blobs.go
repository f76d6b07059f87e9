package registry

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dingkao/exam"
	"dingkao/exam/picture"
	"dingkao/sync/wire"
)

// PutBlob stores a picture. The error is Invalid where data is not what its
// hash says or not a sound JPEG, TooLarge past a bound or the account's quota.
func (r *Registry) PutBlob(ctx context.Context, who Session, hash exam.BlobHash, data []byte) error {
	if err := r.guard(ctx, who, actUpload, scope{}, ""); err != nil {
		return err
	}
	if hash == "" || !hash.Valid() || wire.BlobHashOf(data) != hash {
		return exam.Errorf(exam.Invalid, "图片在路上损坏了，没有保存；会自动再传一次")
	}
	if err := picture.Check(data); err != nil {
		return err
	}
	room := func(tx Reader) (there bool, err error) {
		if there, err = tx.Uploaded(hash, who.Account.ID); err != nil || there {
			return there, err
		}
		used, err := tx.UploadedBytes(who.Account.ID)
		if err == nil && used+int64(len(data)) > r.opt.BlobQuota {
			err = exam.Errorf(exam.TooLarge, "上传的图片总量已满（最多%dMB），请联系所在机构；已填写的内容都在", r.opt.BlobQuota>>20)
		}
		return false, err
	}
	there := false
	if err := r.store.View(ctx, func(tx Reader) (err error) {
		there, err = room(tx)
		return err
	}); err != nil {
		return err
	}
	if there {
		if has, err := r.blobs.Has(ctx, hash); err != nil || has {
			return err
		}
	}
	// The bytes first: the index never names what is not there.
	if err := r.blobs.Put(ctx, hash, data); err != nil {
		return err
	}
	return r.store.Update(ctx, func(tx Tx) error {
		if there, err := room(tx); err != nil || there {
			return err
		}
		now := r.now()
		if err := tx.PutBlob(hash, len(data), now); err != nil {
			return err
		}
		return tx.PutUpload(hash, who.Account.ID, len(data), now)
	})
}

// Blob reads a picture that the account has uploaded, or that a dossier which it
// may see names. The error is NotFound otherwise, whether or not there is one.
func (r *Registry) Blob(ctx context.Context, who Session, hash exam.BlobHash) ([]byte, error) {
	missing := exam.Errorf(exam.NotFound, "没有找到这张图片")
	if hash == "" || !hash.Valid() {
		return nil, missing
	}
	if err := may(who.Account, actRead, scope{}); err != nil {
		return nil, r.noted(ctx, who, actRead, string(hash), err)
	}
	seen, there := false, false
	err := r.store.View(ctx, func(tx Reader) (err error) {
		if seen, err = tx.Uploaded(hash, who.Account.ID); err != nil || seen {
			return err
		}
		uses, err := tx.BlobUses(hash, 100)
		for _, id := range uses {
			there = true
			f, err := readScope(tx, id)
			if err != nil {
				return err
			}
			if may(who.Account, actRead, f.scope()) == nil {
				seen = true
				break
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !seen {
		if there {
			r.noted(ctx, who, actRead, string(hash), exam.Errorf(exam.Forbidden, ""))
		}
		return nil, missing
	}
	return r.blobs.Get(ctx, hash)
}

type folder struct{ root string }

// FolderBlobs keeps blobs as files below a folder, which it makes: two levels
// of it, by the first digits of the hash. A file is written beside its place,
// synced and renamed, so a crash leaves a whole one or none.
func FolderBlobs(path string) (Blobs, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, exam.Wrap(exam.Unavailable, err, "存放图片的文件夹打不开，请检查权限和磁盘空间")
	}
	return folder{path}, nil
}

func (f folder) path(hash exam.BlobHash) (string, error) {
	if hash == "" || !hash.Valid() {
		return "", exam.Errorf(exam.Invalid, "图片的编号不对")
	}
	return filepath.Join(f.root, string(hash[:2]), string(hash)), nil
}

func (f folder) Put(ctx context.Context, hash exam.BlobHash, data []byte) (err error) {
	path, err := f.path(hash)
	if err != nil {
		return err
	}
	if wire.BlobHashOf(data) != hash {
		return exam.Errorf(exam.Invalid, "图片与编号不符，没有保存")
	}
	if old, err := f.Get(ctx, hash); err == nil && len(old) == len(data) {
		return nil
	}
	defer func() {
		if err != nil {
			err = exam.Wrap(exam.Unavailable, err, "图片没有保存好，请稍后再试；登记处的磁盘可能已满")
		}
	}()
	dir := filepath.Dir(path)
	fresh := false
	if _, err := os.Stat(dir); err != nil {
		fresh = true
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	tmp, err := os.CreateTemp(dir, ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	if fresh {
		return syncDir(f.root)
	}
	return nil
}

// syncDir puts a folder's list of names on disk, where the system can.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

func (f folder) Get(ctx context.Context, hash exam.BlobHash) ([]byte, error) {
	path, err := f.path(hash)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, exam.Errorf(exam.NotFound, "没有找到这个文件")
	}
	if err != nil {
		return nil, exam.Wrap(exam.Unavailable, err, "文件读不出来，请稍后再试")
	}
	if wire.BlobHashOf(data) != hash {
		return nil, exam.Errorf(exam.Damaged, "存放的文件已损坏，请联系管理员从备份恢复")
	}
	return data, nil
}

func (f folder) Has(ctx context.Context, hash exam.BlobHash) (bool, error) {
	path, err := f.path(hash)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f folder) Delete(ctx context.Context, hash exam.BlobHash) error {
	path, err := f.path(hash)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return exam.Wrap(exam.Unavailable, err, "文件删不掉")
	}
	return nil
}
