package media

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzProbe(f *testing.F) {
	f.Add([]byte(`{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","width":2,"height":2,"time_base":"1/25","avg_frame_rate":"25/1","r_frame_rate":"25/1",
		"start_time":"0.04","duration":"1.0","sample_aspect_ratio":"3:4","side_data_list":[{"rotation":-90}],"tags":{"language":"ger"}},
		{"codec_type":"audio","sample_rate":"48000","channels":2,"time_base":"1/48000","id":"0x2"}],"format":{"format_name":"mpegts","start_time":"1.4"}}`))
	f.Add([]byte(`{"streams":[{"codec_type":"video","time_base":"9223372036854775807/1","duration":"1e308","start_time":"-1e308","side_data_list":[{"rotation":1e300}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := parseProbe(data)
		if err != nil {
			return
		}
		info.name(content{})
		_ = info.refuse()
		if info.Duration < 0 || info.MIME == "" {
			t.Fatalf("%+v", info)
		}
		for _, s := range info.Streams {
			if s.Start < 0 || s.End < 0 || s.FrameRate.Den < 0 || math.IsNaN(s.FrameRate.Float()) || s.Rotation%90 != 0 || s.Rotation < 0 || s.Rotation > 270 {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func FuzzProgress(f *testing.F) {
	f.Add("out_time_us=500000\nspeed=1.5x\nprogress=continue\nout_time_us=N/A\nspeed=N/A\nprogress=end\n")
	f.Add("speed=   1e+03x\nprogress=\nout_time_us=-5")
	f.Fuzz(func(t *testing.T, text string) {
		last := Progress{}
		_ = readProgress(1000, func(p Progress) {
			if p.Fraction < last.Fraction || p.Fraction > 1 || p.Speed < 0 || math.IsNaN(p.Speed) {
				t.Fatalf("%+v after %+v", p, last)
			}
			last = p
		})(strings.NewReader(text))
	})
}

func FuzzContent(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x10ftypisom\x00\x00\x02\x00\x00\x00\x00\x08moov"))
	f.Add([]byte("\x1a\x45\xdf\xa3\x93\x42\x82\x84webm\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("\x00\x00\x00\x48moov\x00\x00\x00\x1cmvhd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\xe8\x00\x00\x00\x00\x00\x00\x00\x24trak\x00\x00\x00\x1ctkhd"))
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := readContent(file, int64(len(data))); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzPackets(f *testing.F) {
	f.Add("0,512,K_\n512,512,__\n\nN/A,1,__\n-5,1,KD")
	f.Fuzz(func(t *testing.T, text string) {
		p := packets{reliable: true}
		_ = p.read(strings.NewReader(text))
		if len(p.keys) > len(p.times) {
			t.Fatalf("%+v", p)
		}
	})
}
