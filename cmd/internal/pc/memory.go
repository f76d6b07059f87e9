package pc

import (
	"encoding/json"
	"os"
	"sync"
)

// Memory keeps small conveniences between runs in a file beside the data. It holds
// nothing personal, and losing it harms nobody: errors are passed over.
type Memory struct {
	path string
	mu   sync.Mutex
	m    map[string]string // guarded by mu
}

// NewMemory reads what was kept in the file.
func NewMemory(path string) *Memory {
	k := &Memory{path: path, m: map[string]string{}}
	if b, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(b, &k.m)
	}
	if k.m == nil {
		k.m = map[string]string{}
	}
	return k
}

// String is what was kept under a key, or "".
func (k *Memory) String(key string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.m[key]
}

// SetString keeps a value.
func (k *Memory) SetString(key, value string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.m[key] = value
	if b, err := json.MarshalIndent(k.m, "", " "); err == nil {
		_, _ = write(k.path, b)
	}
}
