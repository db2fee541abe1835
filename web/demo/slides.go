package demo

import (
	"context"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
)

var (
	paper  = color.RGBA{0xfb, 0xfa, 0xf6, 0xff}
	ink    = color.RGBA{0x1d, 0x2b, 0x3a, 0xff}
	soft   = color.RGBA{0x6b, 0x7a, 0x88, 0xff}
	land   = color.RGBA{0xdd, 0xe8, 0xd2, 0xff}
	sea    = color.RGBA{0x9c, 0xc9, 0xe3, 0xff}
	water  = color.RGBA{0x2f, 0x7f, 0xb5, 0xff}
	accent = color.RGBA{0xd9, 0x6b, 0x2b, 0xff}
)

// writeSlides draws every picture once and writes the list that tells ffmpeg how long each is shown. It returns the list.
func (p plan) writeSlides(ctx context.Context, dir string) (string, error) {
	f, err := loadFaces()
	if err != nil {
		return "", err
	}
	list := "ffconcat version 1.0\n"
	name := ""
	for i, shown := range p.pictures {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		until := p.length
		if i+1 < len(p.pictures) {
			until = p.pictures[i+1].at
		}
		name = fmt.Sprintf("slide-%02d-%d.png", shown.slide, shown.shown)
		if err := writePNG(filepath.Join(dir, name), drawSlide(f, shown)); err != nil {
			return "", err
		}
		list += fmt.Sprintf("file %s\nduration %.2f\n", name, until-shown.at)
	}
	list += "file " + name + "\n" // the list's last duration is only kept when another picture follows
	path := filepath.Join(dir, "slides.ffconcat")
	return path, os.WriteFile(path, []byte(list), 0o600)
}

func writePNG(path string, c canvas) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(file, c.RGBA); err != nil {
		return err
	}
	return file.Close()
}

func drawSlide(f faces, shown picture) canvas {
	s := script[shown.slide]
	c := newCanvas(1280, 720, paper)
	drawRiver(c, float64(shown.slide)+float64(shown.shown)/4)
	c.shape(accent, point{72, 72}, point{80, 72}, point{80, 132}, point{72, 132})
	c.text(f.title, ink, 104, 120, s.title)
	for i, bullet := range s.bullets[:shown.shown] {
		y := 216 + 66*i
		c.ellipse(water, point{116, float64(y) - 12}, 8, 8)
		c.text(f.body, ink, 144, y, bullet)
	}
	c.text(f.small, soft, 72, 690, "Geography for everybody · 4")
	number := fmt.Sprintf("%d / %d", shown.slide+1, len(script))
	c.text(f.small, soft, 1280-72-11*strings.Count(number, ""), 690, number)
	return c
}

// drawRiver draws a river that gets longer and wider with the lecture, down to the sea on the right.
func drawRiver(c canvas, progress float64) {
	c.shape(land, point{0, 450}, point{320, 480}, point{760, 500}, point{1120, 560}, point{1280, 600}, point{1280, 720}, point{0, 720})
	c.shape(sea, point{1130, 560}, point{1280, 540}, point{1280, 720}, point{1060, 720}, point{1090, 640})
	reach := math.Min(1, (progress+0.5)/float64(len(script)-1))
	var upper, lower []point
	for x := 40.0; x <= 40+1080*reach; x += 8 {
		y := 500 + 0.11*x + 22*math.Sin(x/70)*math.Min(1, x/400)
		width := 3 + x/70
		upper, lower = append(upper, point{x, y - width}), append(lower, point{x, y + width})
	}
	for i := len(lower) - 1; i >= 0; i-- {
		upper = append(upper, lower[i])
	}
	c.shape(water, upper...)
}
