package s3api

import "testing"

// FuzzRange reads what a Range says behind "bytes=": nothing outside of the object is given.
func FuzzRange(f *testing.F) {
	for _, text := range []string{"0-0", "5-", "-3", "3-2", "-0", "9223372036854775807-", "-9223372036854775807", "1-99999999999999999999"} {
		f.Add(text, int64(10))
	}
	f.Fuzz(func(t *testing.T, text string, size int64) {
		if size < 0 {
			return
		}
		from, to, ok := parseRange(text, size)
		if ok && (from < 0 || to >= size || from < size && to < from) {
			t.Errorf("%q of %d bytes is from %d to %d", text, size, from, to)
		}
	})
}
