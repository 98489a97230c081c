package record

import (
	"bufio"
	"context"
	"fmt"
	"hash/crc32"
	"strings"
)

// Tick writes what is due.
func (k *Keeper) Tick(ctx context.Context) { k.tick(ctx) }

// DecodeLines decodes lines to which the right end is added.
func DecodeLines(text string) (*Record, error) {
	text = strings.TrimRight(text, "\n") + "\n"
	rows := int64(0)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "[") {
			rows++
		}
	}
	end := fmt.Sprintf(`{"rows":%d,"crc32c":"%08x"}`+"\n", rows, crc32.Checksum([]byte(text), castagnoli))
	return decode(&decoder{r: bufio.NewReader(strings.NewReader(text + end))})
}
