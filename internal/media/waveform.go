package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// Levels of a waveform file, milliseconds a point, coarsest first.
var waveformLevels = [...]int64{2560, 640, 160, 40, 10}

// peak is the lowest and highest sample of a stretch, 8 bit.
type peak struct{ low, high int8 }

// Waveform writes the peaks of path's sound to out, as MEDIA.md asks, five levels for any zoom: "CRPK", then
// little-endian u32 version 1, u32 number of levels, then a level (coarsest first) u32 ms a point, u32 points, u32 offset
// of its points from the start of the file; then the points, each int8 lowest, int8 highest. 959 kB an hour.
// A file without sound is refused with kind Invalid.
func Waveform(ctx context.Context, path, out string) error {
	info, err := Inspect(ctx, path)
	if err != nil {
		return err
	}
	audio := info.Audio()
	if audio == nil {
		return noSound()
	}
	form := pcm{"s16le", audio.SampleRate, 1}
	var fine []peak
	err = decodeSound(ctx, path, info, form, func(r io.Reader) error {
		fine, err = readPeaks(r, form.rate)
		return err
	})
	if err != nil {
		return explain(err, unreadable())
	}
	return writeFile(out, encodePeaks(fine))
}

// readPeaks makes a point of each 10 ms. Point k holds the samples from k/100 s on, also where 10 ms are no whole number of samples.
func readPeaks(r io.Reader, rate int) ([]peak, error) {
	var points []peak
	buffered := bufio.NewReaderSize(r, 1<<18)
	low, high := int16(math.MaxInt16), int16(math.MinInt16)
	border := int64(rate) / 100
	block := make([]byte, 1<<16)
	for at := int64(0); ; {
		n, err := io.ReadFull(buffered, block)
		for i := 0; i+1 < n; i += 2 {
			if at == border {
				points = append(points, peak{int8(low >> 8), int8(high >> 8)})
				low, high = math.MaxInt16, math.MinInt16
				border = int64(len(points)+1) * int64(rate) / 100
			}
			v := int16(binary.LittleEndian.Uint16(block[i:]))
			low, high = min(low, v), max(high, v)
			at++
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if low <= high {
		points = append(points, peak{int8(low >> 8), int8(high >> 8)})
	}
	return points, nil
}

// encodePeaks makes the coarser levels, each from the next finer, and the file.
func encodePeaks(fine []peak) []byte {
	levels := make([][]peak, len(waveformLevels))
	levels[len(levels)-1] = fine
	for n := len(levels) - 2; n >= 0; n-- {
		levels[n] = coarser(levels[n+1], int(waveformLevels[n]/waveformLevels[n+1]))
	}
	var b bytes.Buffer
	b.WriteString("CRPK")
	word := func(v int64) { b.Write(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
	word(1)
	word(int64(len(levels)))
	offset := int64(12 + 12*len(levels))
	for n, points := range levels {
		word(waveformLevels[n])
		word(int64(len(points)))
		word(offset)
		offset += int64(2 * len(points))
	}
	for _, points := range levels {
		for _, p := range points {
			b.WriteByte(byte(p.low))
			b.WriteByte(byte(p.high))
		}
	}
	return b.Bytes()
}

func coarser(fine []peak, by int) []peak {
	coarse := make([]peak, 0, len(fine)/by+1)
	for len(fine) > 0 {
		group := fine[:min(by, len(fine))]
		p := group[0]
		for _, q := range group[1:] {
			p.low, p.high = min(p.low, q.low), max(p.high, q.high)
		}
		coarse, fine = append(coarse, p), fine[len(group):]
	}
	return coarse
}
