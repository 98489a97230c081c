package layout

import (
	"net/url"
	"slices"
	"strings"
)

// DefaultPartition is Hive's directory name for a NULL partition value.
const DefaultPartition = "__HIVE_DEFAULT_PARTITION__"

// Partition gives the values of the partition keys, in their order, that the folders of a key say below a table's prefix
// (k=v, names compared without case). ok is false where the key is not below the prefix, or a partition key has no folder.
func Partition(key, tablePrefix string, keys []string) (values []string, ok bool) {
	rest, below := strings.CutPrefix(key, tablePrefix)
	if !below {
		return nil, false
	}
	values = make([]string, len(keys))
	said, found := make([]bool, len(keys)), 0
	folders := strings.Split(rest, "/")
	for _, folder := range folders[:len(folders)-1] {
		name, value, eq := strings.Cut(folder, "=")
		if !eq {
			continue
		}
		for i, k := range keys {
			if !strings.EqualFold(unescape(name), k) {
				continue
			}
			if !said[i] {
				said[i] = true
				found++
			}
			values[i] = unescape(value)
		}
	}
	return values, found == len(keys)
}

// PartitionFolder gives the values of the partition keys in the path of a key, or of a folder with its slash, below a
// table's prefix, and the first folder on that path by which all of them are said: the location of the partition. ok is
// false where Partition's is, and where a value is empty, which names no partition.
func PartitionFolder(key, tablePrefix string, keys []string) (values []string, folder string, ok bool) {
	if !strings.HasPrefix(key, tablePrefix) {
		return nil, "", false
	}
	for end := len(tablePrefix); !ok; {
		next := strings.IndexByte(key[end:], '/')
		if next < 0 {
			return nil, "", false
		}
		end += next + 1
		folder = key[:end]
		values, ok = Partition(folder, tablePrefix, keys)
	}
	return values, folder, !slices.Contains(values, "")
}

// unescape undoes %XX; text that is no valid escape stays.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// PartitionPath gives the folders of a partition as Hive writes them: k=v/k=v, without a slash at either end.
func PartitionPath(keys, values []string) string {
	folders := make([]string, len(keys))
	for i, k := range keys {
		v := values[i]
		if v == "" {
			v = DefaultPartition
		}
		folders[i] = escape(k) + "=" + escape(v)
	}
	return strings.Join(folders, "/")
}

// escape writes the characters that Hive escapes in folder names as %XX.
func escape(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{[]^", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
