package media

import (
	"encoding/binary"
	"io"
)

// trackLengths reads mvhd and every tkhd of a moov that lies from at to end (ISO/IEC 14496-12, 8.2.2, 8.3.2): the length of each track with
// its edits, in milliseconds, by track id. Whatever is odd is left out.
func trackLengths(f io.ReaderAt, at, end int64) map[int]int64 {
	lengths, scale := map[int]uint64{}, uint64(0)
	eachBox(f, at, end, func(kind string, from, to int64) {
		switch kind {
		case "mvhd":
			head := readAt(f, from, to)
			if len(head) >= 24 && head[0] == 1 {
				scale = uint64(binary.BigEndian.Uint32(head[20:]))
			} else if len(head) >= 16 {
				scale = uint64(binary.BigEndian.Uint32(head[12:]))
			}
		case "trak":
			eachBox(f, from, to, func(kind string, from, to int64) {
				if kind != "tkhd" {
					return
				}
				head := readAt(f, from, to)
				if len(head) >= 36 && head[0] == 1 {
					lengths[int(binary.BigEndian.Uint32(head[20:]))] = binary.BigEndian.Uint64(head[28:])
				} else if len(head) >= 24 {
					lengths[int(binary.BigEndian.Uint32(head[12:]))] = uint64(binary.BigEndian.Uint32(head[20:]))
				}
			})
		}
	})
	inMilliseconds := map[int]int64{}
	for id, length := range lengths {
		if scale > 0 && length > 0 && length < 1<<50 {
			inMilliseconds[id] = int64((length*1000 + scale/2) / scale)
		}
	}
	return inMilliseconds
}

// eachBox calls visit with the kind and the content of each box from at to end.
func eachBox(f io.ReaderAt, at, end int64, visit func(kind string, from, to int64)) {
	var head [8]byte
	for n := 0; at+8 <= end && n < 10_000; n++ {
		if _, err := f.ReadAt(head[:], at); err != nil {
			return
		}
		length := int64(binary.BigEndian.Uint32(head[:4]))
		if length < 8 || length > end-at {
			return
		}
		visit(string(head[4:]), at+8, at+length)
		at += length
	}
}

func readAt(f io.ReaderAt, from, to int64) []byte {
	b := make([]byte, min(to-from, 64))
	n, _ := f.ReadAt(b, from)
	return b[:n]
}
