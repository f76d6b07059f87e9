package registry

import (
	"encoding/hex"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

var pinyin = sync.Pool{New: func() any { return collate.New(language.Chinese) }}

// NameKey sorts names by pinyin when compared as text, in every database: the
// collation key in hexadecimal.
func NameKey(name string) string {
	c := pinyin.Get().(*collate.Collator)
	defer pinyin.Put(c)
	var b collate.Buffer
	return hex.EncodeToString(c.KeyFromString(&b, name))
}
