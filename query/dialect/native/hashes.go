package native

import (
	"encoding/binary"
	"math/bits"
)

// murmur3 is MurmurHash3's 128-bit form for 64-bit machines with seed 0, its halves in little-endian.
func murmur3(b []byte) []byte {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	var h1, h2 uint64
	n := uint64(len(b))
	mix1 := func(k uint64) { h1 ^= bits.RotateLeft64(k*c1, 31) * c2 }
	mix2 := func(k uint64) { h2 ^= bits.RotateLeft64(k*c2, 33) * c1 }
	for ; len(b) >= 16; b = b[16:] {
		mix1(binary.LittleEndian.Uint64(b))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		mix2(binary.LittleEndian.Uint64(b[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var tail [16]byte
	copy(tail[:], b)
	if len(b) > 8 {
		mix2(binary.LittleEndian.Uint64(tail[8:]))
	}
	mix1(binary.LittleEndian.Uint64(tail[:]))
	h1, h2 = h1^n, h2^n
	h1 += h2
	h2 += h1
	h1, h2 = finish(h1), finish(h2)
	h1 += h2
	h2 += h1
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, h1), h2)
}

func finish(k uint64) uint64 {
	k = (k ^ k>>33) * 0xff51afd7ed558ccd
	k = (k ^ k>>33) * 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}

const spookyConst = 0xdeadbeefdeadbeef

// spooky is SpookyHash V2's 128-bit hash with seeds 0.
func spooky(b []byte) (uint64, uint64) {
	if len(b) < 192 {
		return spookyShort(b)
	}
	var h [12]uint64
	for i := range h {
		if i%3 == 2 {
			h[i] = spookyConst
		}
	}
	n := len(b)
	for ; len(b) >= 96; b = b[96:] {
		spookyMix(b, &h)
	}
	var last [96]byte
	copy(last[:], b)
	last[95] = byte(n % 96)
	for i := range h {
		h[i] += binary.LittleEndian.Uint64(last[8*i:])
	}
	for range 3 {
		spookyEnd(&h)
	}
	return h[0], h[1]
}

var spookyMixTurns = [12]int{11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46}

func spookyMix(b []byte, h *[12]uint64) {
	for i := range h {
		h[i] += binary.LittleEndian.Uint64(b[8*i:])
		h[(i+2)%12] ^= h[(i+10)%12]
		h[(i+11)%12] ^= h[i]
		h[i] = bits.RotateLeft64(h[i], spookyMixTurns[i])
		h[(i+11)%12] += h[(i+1)%12]
	}
}

var spookyEndTurns = [12]int{44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54}

func spookyEnd(h *[12]uint64) {
	for i := range h {
		h[(i+11)%12] += h[(i+1)%12]
		h[(i+2)%12] ^= h[(i+11)%12]
		h[(i+1)%12] = bits.RotateLeft64(h[(i+1)%12], spookyEndTurns[i])
	}
}

// spookyShort hashes less than 192 bytes.
func spookyShort(b []byte) (uint64, uint64) {
	h := [4]uint64{0, 0, spookyConst, spookyConst}
	n := len(b)
	for ; len(b) >= 32; b = b[32:] {
		h[2] += binary.LittleEndian.Uint64(b)
		h[3] += binary.LittleEndian.Uint64(b[8:])
		shortMix(&h)
		h[0] += binary.LittleEndian.Uint64(b[16:])
		h[1] += binary.LittleEndian.Uint64(b[24:])
	}
	if len(b) >= 16 {
		h[2] += binary.LittleEndian.Uint64(b)
		h[3] += binary.LittleEndian.Uint64(b[8:])
		shortMix(&h)
		b = b[16:]
	}
	h[3] += uint64(n) << 56
	if len(b) == 0 {
		h[2] += spookyConst
		h[3] += spookyConst
	} else {
		var tail [16]byte
		copy(tail[:], b)
		h[2] += binary.LittleEndian.Uint64(tail[:])
		h[3] += binary.LittleEndian.Uint64(tail[8:])
	}
	shortEnd(&h)
	return h[0], h[1]
}

var shortMixTurns = [12]int{50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36}

func shortMix(h *[4]uint64) {
	for i, turn := range shortMixTurns {
		at, next := (i+2)%4, (i+3)%4
		h[at] = bits.RotateLeft64(h[at], turn) + h[next]
		h[i%4] ^= h[at]
	}
}

var shortEndTurns = [11]int{15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63}

func shortEnd(h *[4]uint64) {
	for i, turn := range shortEndTurns {
		at, before := (i+3)%4, (i+2)%4
		h[at] ^= h[before]
		h[before] = bits.RotateLeft64(h[before], turn)
		h[at] += h[before]
	}
}
