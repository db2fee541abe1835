package media

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// fade is how long a join fades out and in, in milliseconds: a raw splice clicks.
const fade = 5

// soundPlan says which samples of the source are in the result.
type soundPlan struct {
	pcm
	parts []samplePart
}

// samplePart is a part in samples of the source; its length is the one in the result.
type samplePart struct {
	start, length   int64
	fadeIn, fadeOut int64
}

// Rates that AAC knows and browsers play.
var aacRates = map[int]bool{8000: true, 11025: true, 12000: true, 16000: true, 22050: true, 24000: true, 32000: true, 44100: true, 48000: true}

// planSound chooses samples. Borders in the result are rounded each by itself, so that nothing adds up.
func planSound(source Stream, parts []part, duration int64, withPicture bool) *soundPlan {
	s := &soundPlan{pcm: pcm{"f32le", source.SampleRate, source.Channels}}
	if withPicture && s.rate != 44100 || !aacRates[s.rate] {
		s.rate = 48000
	}
	if s.channels != 1 && s.channels != 6 {
		s.channels = 2
	}
	at := func(ms int64) int64 { return (ms*int64(s.rate) + 500) / 1000 }
	for _, p := range parts {
		q := samplePart{start: at(p.Start), length: at(p.at+p.Len()) - at(p.at)}
		if p.Start > 0 {
			q.fadeIn = min(at(fade), q.length/2)
		}
		if p.End < duration {
			q.fadeOut = min(at(fade), q.length/2)
		}
		s.parts = append(s.parts, q)
	}
	return s
}

// bitRate is 128 kbit/s for stereo at 44.1 kHz and above, less for less.
func (s *soundPlan) bitRate() int {
	return min(72_000, s.rate*3) * s.channels
}

// cutter reads the source's samples and writes the result's to w; what the source does not have is silence.
func (s *soundPlan) cutter(w io.Writer) func(io.Reader) error {
	return func(r io.Reader) error {
		at := int64(0)
		for _, p := range s.parts {
			if skip := p.start - at; skip > 0 {
				n, err := io.CopyN(io.Discard, r, skip*int64(s.frame()))
				at += n / int64(s.frame())
				if err != nil && !errors.Is(err, io.EOF) {
					return err
				}
			}
			if err := s.copyPart(w, r, p); err != nil {
				return err
			}
			at += p.length
		}
		return errEnough
	}
}

func (s *soundPlan) copyPart(w io.Writer, r io.Reader, p samplePart) error {
	size := int64(s.frame())
	block := make([]byte, size*4096)
	for at := int64(0); at < p.length; {
		want := block[:min(int64(len(block)), (p.length-at)*size)]
		n, err := io.ReadFull(r, want)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		clear(want[n:])
		s.fade(want, at, p)
		if _, err := w.Write(want); err != nil {
			return err
		}
		at += int64(len(want)) / size
	}
	return nil
}

// fade weakens the samples near the ends of a part; block begins at sample at of p.
func (s *soundPlan) fade(block []byte, at int64, p samplePart) {
	size := int64(s.frame())
	count := int64(len(block)) / size
	if at >= p.fadeIn && at+count <= p.length-p.fadeOut {
		return
	}
	for i := range count {
		weight := 1.0
		if n := at + i; n < p.fadeIn {
			weight = (float64(n) + 0.5) / float64(p.fadeIn)
		} else if left := p.length - n; left <= p.fadeOut {
			weight = (float64(left) - 0.5) / float64(p.fadeOut)
		}
		if weight == 1 {
			continue
		}
		for b := block[i*size : (i+1)*size]; len(b) > 0; b = b[4:] {
			v := math.Float32frombits(binary.LittleEndian.Uint32(b))
			binary.LittleEndian.PutUint32(b, math.Float32bits(float32(float64(v)*weight)))
		}
	}
}
