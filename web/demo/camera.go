package demo

import (
	"image/color"
	"io"
	"math"
)

// Picture of the camera, in pixels and frames a second.
const (
	cameraWidth  = 640
	cameraHeight = 360
	cameraRate   = 25
)

// pose is one way the lecturer stands.
type pose struct{ mouth, arm, sway int }

const swaySteps = 3 // to each side

// writeCamera writes the camera's frames as raw video, one after another: the lecturer talks with the voice.
func writeCamera(w io.Writer, loud []float64, seconds float64) error {
	drawn := map[pose][]byte{}
	for i := range int(seconds * cameraRate) {
		now := pose{arm: int(2*math.Abs(math.Sin(float64(i)/61)) + 0.5), sway: int(math.Round(swaySteps * math.Sin(float64(i)/43)))}
		if i < len(loud) {
			now.mouth = int(loud[i] * 2.99)
		}
		if now.mouth == 0 {
			now.arm = 0
		}
		if drawn[now] == nil {
			drawn[now] = drawLecturer(now).yuv()
		}
		if _, err := w.Write(drawn[now]); err != nil {
			return err
		}
	}
	return nil
}

// yuv returns the picture as video has it: brightness of each pixel, then two colours of each four, by BT.709 in its narrow
// range. Done here once for each pose instead of by ffmpeg for each frame.
func (c canvas) yuv() []byte {
	width, height := c.Rect.Dx(), c.Rect.Dy()
	out := make([]byte, width*height*3/2)
	u, v := out[width*height:], out[width*height*5/4:]
	for y := range height {
		for x := range width {
			at := y*c.Stride + 4*x
			r, g, b := float64(c.Pix[at])/255, float64(c.Pix[at+1])/255, float64(c.Pix[at+2])/255
			bright := 0.2126*r + 0.7152*g + 0.0722*b
			out[y*width+x] = byte(16.5 + 219*bright)
			if x%2 == 0 && y%2 == 0 {
				u[y/2*width/2+x/2] = byte(128.5 + 224*(b-bright)/1.8556)
				v[y/2*width/2+x/2] = byte(128.5 + 224*(r-bright)/1.5748)
			}
		}
	}
	return out
}

func drawLecturer(p pose) canvas {
	wall := color.RGBA{0xb9, 0xc3, 0xc9, 0xff}
	board := color.RGBA{0x2c, 0x4a, 0x3e, 0xff}
	wood := color.RGBA{0x8a, 0x5f, 0x3c, 0xff}
	skin := color.RGBA{0xd8, 0xa1, 0x7c, 0xff}
	hair := color.RGBA{0x4a, 0x36, 0x2a, 0xff}
	coat := color.RGBA{0x39, 0x4f, 0x7d, 0xff}
	dark := color.RGBA{0x2a, 0x18, 0x16, 0xff}
	chalk := color.RGBA{0xe6, 0xec, 0xe4, 0xff}

	c := newCanvas(cameraWidth, cameraHeight, wall)
	c.shape(wood, point{34, 30}, point{606, 30}, point{606, 222}, point{34, 222})
	c.shape(board, point{42, 38}, point{598, 38}, point{598, 214}, point{42, 214})
	for i := range 5 {
		c.limb(chalk, point{70 + 34*float64(i), 150 - 40*math.Sin(float64(i))}, point{104 + 34*float64(i), 150 - 40*math.Sin(float64(i+1))}, 3)
	}
	x := 380 + 8*float64(p.sway)
	c.limb(coat, point{x - 52, 226}, point{x - 74, 300}, 26) // resting arm
	lift := 40 * float64(p.arm)
	c.limb(coat, point{x + 52, 226}, point{x + 92, 268 - lift*0.6}, 26)
	c.limb(skin, point{x + 92, 268 - lift*0.6}, point{x + 116, 244 - lift}, 16)
	c.shape(coat, point{x - 62, 214}, point{x + 62, 214}, point{x + 72, 360}, point{x - 72, 360})
	c.limb(skin, point{x, 190}, point{x, 212}, 34)
	c.ellipse(hair, point{x, 126}, 50, 54)
	c.ellipse(skin, point{x, 140}, 43, 52)
	for _, side := range []float64{-1, 1} {
		c.ellipse(dark, point{x + side*16, 132}, 4, 5)
		c.limb(hair, point{x + side*9, 118}, point{x + side*23, 117}, 4)
	}
	c.ellipse(dark, point{x, 166}, 13, 2+6*float64(p.mouth))
	c.shape(wood, point{0, 318}, point{640, 318}, point{640, 360}, point{0, 360})
	return c
}
