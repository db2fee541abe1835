package demo

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// canvas is a picture that is drawn on.
type canvas struct{ *image.RGBA }

func newCanvas(width, height int, ground color.RGBA) canvas {
	c := canvas{image.NewRGBA(image.Rect(0, 0, width, height))}
	draw.Draw(c.RGBA, c.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	return c
}

type point struct{ x, y float64 }

// shape fills a polygon. Only the part of the canvas that it lies on is gone through.
func (c canvas) shape(fill color.RGBA, corners ...point) {
	box := image.Rect(math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32)
	for _, p := range corners {
		box.Min.X, box.Min.Y = min(box.Min.X, int(p.x)-1), min(box.Min.Y, int(p.y)-1)
		box.Max.X, box.Max.Y = max(box.Max.X, int(p.x)+2), max(box.Max.Y, int(p.y)+2)
	}
	box = box.Intersect(c.Rect)
	if box.Empty() {
		return
	}
	raster := vector.NewRasterizer(box.Dx(), box.Dy())
	for i, p := range corners {
		x, y := float32(p.x)-float32(box.Min.X), float32(p.y)-float32(box.Min.Y)
		if i == 0 {
			raster.MoveTo(x, y)
			continue
		}
		raster.LineTo(x, y)
	}
	raster.ClosePath()
	raster.Draw(c.RGBA, box, image.NewUniform(fill), image.Point{})
}

// ellipse fills an ellipse around a middle.
func (c canvas) ellipse(fill color.RGBA, middle point, rx, ry float64) {
	var corners []point
	for i := range 48 {
		angle := 2 * math.Pi * float64(i) / 48
		corners = append(corners, point{middle.x + rx*math.Cos(angle), middle.y + ry*math.Sin(angle)})
	}
	c.shape(fill, corners...)
}

// limb draws a thick line with round ends.
func (c canvas) limb(fill color.RGBA, from, to point, width float64) {
	length := math.Hypot(to.x-from.x, to.y-from.y)
	nx, ny := -(to.y-from.y)/length*width/2, (to.x-from.x)/length*width/2
	c.shape(fill, point{from.x + nx, from.y + ny}, point{to.x + nx, to.y + ny}, point{to.x - nx, to.y - ny}, point{from.x - nx, from.y - ny})
	c.ellipse(fill, from, width/2, width/2)
	c.ellipse(fill, to, width/2, width/2)
}

// text writes one line; y is its base line.
func (c canvas) text(face font.Face, fill color.RGBA, x, y int, text string) {
	pen := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(fill), Face: face, Dot: fixed.P(x, y)}
	pen.DrawString(text)
}

// faces are the Go fonts in the sizes in use.
type faces struct{ title, body, small font.Face }

func loadFaces() (faces, error) {
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return faces{}, err
	}
	regular, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return faces{}, err
	}
	var f faces
	for _, want := range []struct {
		to   *font.Face
		from *opentype.Font
		size float64
	}{{&f.title, bold, 54}, {&f.body, regular, 36}, {&f.small, regular, 22}} {
		if *want.to, err = opentype.NewFace(want.from, &opentype.FaceOptions{Size: want.size, DPI: 72, Hinting: font.HintingFull}); err != nil {
			return faces{}, err
		}
	}
	return f, nil
}
