package demo

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// syllable is one sound of the voice.
type syllable struct {
	at, length float64 // seconds
	vowel      byte    // a, e, i, o, u
	noisy      bool    // begins with a hiss, as in s, f, sh
	pitch      float64 // Hz
}

// line is one spoken sentence.
type line struct {
	start, end float64 // seconds
	text       string
}

// picture is what the slides' track shows from a moment on.
type picture struct {
	at    float64 // seconds
	slide int
	shown int // bullets
}

// plan says when what is said and shown.
type plan struct {
	syllables []syllable
	lines     []line
	pictures  []picture
	length    float64 // seconds
}

// makePlan lays the script out in time. It is the same at each call.
func makePlan() plan {
	var p plan
	dice := rand.New(rand.NewPCG(4, 1))
	at := 1.5
	for number, s := range script {
		for i, text := range s.spoken {
			shownAt := at
			if number == 0 && i == 0 {
				shownAt = 0
			}
			p.pictures = append(p.pictures, picture{shownAt, number, min(i, len(s.bullets))})
			end := p.speak(text, at, dice)
			p.lines = append(p.lines, line{at, end, text})
			at = end + 0.45 + 0.4*dice.Float64()
		}
		at += 0.6 + s.silence
	}
	p.length = float64(int(at)) + 1
	return p
}

// speak adds the syllables of a sentence and returns when it is over, in seconds.
func (p *plan) speak(text string, at float64, dice *rand.Rand) float64 {
	words := strings.Fields(strings.ToLower(text))
	for n, word := range words {
		vowels, before := vowelsOf(word)
		for i, vowel := range vowels {
			length := 0.14 + 0.07*dice.Float64()
			if n == len(words)-1 {
				length *= 1.3
			}
			fall := 128 - 30*float64(n)/float64(len(words))
			p.syllables = append(p.syllables, syllable{at, length, vowel, strings.ContainsAny(before[i], "sfzhc"), fall * (0.96 + 0.08*dice.Float64())})
			at += length + 0.015
		}
		at += 0.03
		if strings.HasSuffix(word, ",") {
			at += 0.22
		}
	}
	return at
}

// vowelsOf returns the first vowel of each group of vowels in a word, and the consonants before each.
func vowelsOf(word string) (vowels []byte, before []string) {
	consonants, inside := "", false
	for _, r := range word {
		switch {
		case strings.ContainsRune("aeiouy", r):
			if !inside {
				if r == 'y' {
					r = 'i'
				}
				vowels, before = append(vowels, byte(r)), append(before, consonants)
			}
			inside, consonants = true, ""
		case unicode.IsLetter(r):
			inside = false
			consonants += string(r)
		}
	}
	if len(vowels) > 1 && strings.HasSuffix(strings.TrimRight(word, ".,?"), "e") && len(word) > 3 {
		vowels, before = vowels[:len(vowels)-1], before[:len(before)-1]
	}
	return vowels, before
}
