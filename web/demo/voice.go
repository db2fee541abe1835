package demo

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
)

// sampleRate of the voice, in Hz.
const sampleRate = 24000

// formants are the three resonances of the mouth for each vowel, in Hz.
var formants = map[byte][3]float64{
	'a': {730, 1150, 2500}, 'e': {530, 1800, 2500}, 'i': {290, 2250, 3000}, 'o': {480, 900, 2450}, 'u': {320, 800, 2250},
}

// resonator is one resonance: a filter with two poles.
type resonator struct{ y1, y2 float64 }

func (r *resonator) next(x, frequency, width float64) float64 {
	decay := math.Exp(-math.Pi * width / sampleRate)
	y := (1-decay)*x + 2*decay*math.Cos(2*math.Pi*frequency/sampleRate)*r.y1 - decay*decay*r.y2
	r.y2, r.y1 = r.y1, y
	return y
}

// voice makes the lecturer's voice: no words, but the rhythm, tune, loudness and pauses of speech. Samples are -1 to 1.
func (p plan) voice() []float64 {
	samples := make([]float64, int(p.length*sampleRate))
	dice := rand.New(rand.NewPCG(2, 7))
	for i := range samples {
		samples[i] = 0.0006 * dice.NormFloat64() // the room is never quite silent
	}
	mouth := formants['e']
	var filters [3]resonator
	phase := 0.0
	for _, s := range p.syllables {
		target := formants[s.vowel]
		from, to := int(s.at*sampleRate), int((s.at+s.length)*sampleRate)
		for i := from; i < to && i < len(samples); i++ {
			done := float64(i-from) / float64(to-from)
			for f := range mouth {
				mouth[f] += (target[f] - mouth[f]) * 0.0012
			}
			phase += s.pitch * (1 - 0.05*done) / sampleRate
			phase -= math.Floor(phase)
			source := (1-phase)*(1-phase)*(1-phase) - 0.25 + 0.01*dice.NormFloat64()
			sound := 1.0*filters[0].next(source, mouth[0], 80) + 0.7*filters[1].next(source, mouth[1], 110) + 0.35*filters[2].next(source, mouth[2], 160)
			samples[i] += sound * math.Sin(math.Pi*math.Min(1, 0.08+done))
			if s.noisy && done < 0.35 {
				samples[i] += 0.02 * dice.NormFloat64() * math.Sin(math.Pi*done/0.35)
			}
		}
	}
	return level(samples, 0.5)
}

// level makes the loudest sample as loud as peak.
func level(samples []float64, peak float64) []float64 {
	loudest := 0.0
	for _, s := range samples {
		loudest = max(loudest, math.Abs(s))
	}
	for i := range samples {
		samples[i] *= peak / loudest
	}
	return samples
}

// loudness returns how loud each of count parts of the second is, 0 to 1, for a mouth to move with.
func loudness(samples []float64, count float64) []float64 {
	step := int(sampleRate / count)
	var out []float64
	for i := 0; i+step <= len(samples); i += step {
		sum := 0.0
		for _, s := range samples[i : i+step] {
			sum += s * s
		}
		out = append(out, math.Min(1, 8*math.Sqrt(sum/float64(step))))
	}
	return out
}

// writeWAV writes 16 bit mono.
func writeWAV(path string, samples []float64) error {
	size := uint32(2 * len(samples))
	out := make([]byte, 0, 44+size)
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, 36+size)
	out = append(out, "WAVEfmt "...)
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint32(out, sampleRate)
	out = binary.LittleEndian.AppendUint32(out, 2*sampleRate)
	out = binary.LittleEndian.AppendUint16(out, 2)
	out = binary.LittleEndian.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, size)
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(math.Max(-1, math.Min(1, s))*32767)))
	}
	return os.WriteFile(path, out, 0o600)
}
