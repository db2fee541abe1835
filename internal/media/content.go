package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"strings"
)

// content is what the first bytes and the outer boxes of a file tell, before ffprobe is asked.
type content struct {
	brand    string // major brand of an ISO file, "" for others
	iso      bool   // begins with the boxes of an MP4 or QuickTime file
	docType  string // of an EBML file: "webm", "matroska"
	complete bool   // false: says itself that there should be more
	hasIndex bool   // an ISO file's moov was seen

	lengths map[int]int64 // of an ISO file's tracks by their id, ms with all edits; absent where the file does not tell
}

// readContent walks the outer boxes; it reads a few bytes of each.
func readContent(f *os.File, size int64) (content, error) {
	head := make([]byte, min(size, 4096))
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return content{}, err
	}
	switch {
	case len(head) >= 12 && isBoxType(head[4:8]):
		return walkBoxes(f, size), nil
	case bytes.HasPrefix(head, []byte{0x1a, 0x45, 0xdf, 0xa3}):
		return readEBML(head, size), nil
	}
	return content{complete: true}, nil
}

func isBoxType(b []byte) bool {
	switch string(b) {
	case "ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "moof":
		return true
	}
	return false
}

// walkBoxes reads the outer boxes of an ISO file (ISO/IEC 14496-12, 4.2).
func walkBoxes(f io.ReaderAt, size int64) content {
	c := content{iso: true, complete: true}
	var head [16]byte
	for at, n := int64(0), 0; at+8 <= size && n < 100_000; n++ {
		if _, err := f.ReadAt(head[:min(16, size-at)], at); err != nil && err != io.EOF {
			break
		}
		length := int64(binary.BigEndian.Uint32(head[:4]))
		switch length {
		case 0: // to the end of the file
			length = size - at
		case 1:
			length = int64(binary.BigEndian.Uint64(head[8:])) //nolint:gosec // checked below
		}
		if length < 8 {
			return c // padding or rubbish at the end: players ignore it
		}
		switch string(head[4:8]) {
		case "ftyp":
			c.brand = strings.TrimSpace(string(head[8:12]))
		case "moov":
			c.hasIndex = true
			c.lengths = trackLengths(f, at+8, min(at+length, size))
		}
		if length > size-at {
			c.complete = !isBoxType(head[4:8]) // other things after the end are tags or rubbish, which players ignore
			return c
		}
		at += length
	}
	return c
}

// readEBML reads DocType and the size of the segment (RFC 8794, RFC 9559). A live recording has a segment without size.
func readEBML(head []byte, size int64) content {
	c := content{complete: true}
	if at := bytes.Index(head, []byte{0x42, 0x82}); at >= 0 && at+3 < len(head) && head[at+2]&0x80 != 0 {
		end := at + 3 + int(head[at+2]&0x7f)
		if end <= len(head) {
			c.docType = strings.TrimRight(string(head[at+3:end]), "\x00")
		}
	}
	at := bytes.Index(head, []byte{0x18, 0x53, 0x80, 0x67})
	if at < 0 || at+12 > len(head) {
		return c
	}
	at += 4
	width := 1
	for mask := byte(0x80); mask > 0 && head[at]&mask == 0; mask >>= 1 {
		width++
	}
	if width > 8 {
		return c
	}
	length, unknown := int64(head[at])&(1<<(8-width)-1), int64(1)<<(7*width)-1
	for _, b := range head[at+1 : at+width] {
		length = length<<8 | int64(b)
	}
	c.complete = length == unknown || length <= size-int64(at+width)
	return c
}
