package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/Eyevinn/mp4ff/mp4"
)

// completeMP4 reads the tables of what the encoder wrote, compares every frame's time with the plan, makes picture and sound last as
// long as the result, and writes the file anew with its tables in front. It returns the number of pictures.
func completeMP4(ctx context.Context, c *cutting) (int, error) {
	in, err := os.Open(c.path("encoded.mp4"))
	if err != nil {
		return 0, err
	}
	defer in.Close()
	file, err := mp4.DecodeFile(in, mp4.WithDecodeMode(mp4.DecModeLazyMdat))
	if err != nil || file.Moov == nil || file.Mdat == nil || file.Ftyp == nil || file.Moov.Mvhd == nil {
		return 0, fmt.Errorf("media: encoded file has no tables: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	tracks, err := tracksOf(file, in)
	if err != nil {
		return 0, err
	}
	frames := 0
	if (tracks.video != nil) != (c.picture != nil) || (tracks.audio != nil) != (c.sound != nil) {
		return 0, errors.New("media: encoded file has other streams than asked for")
	}
	if c.picture != nil {
		times := tracks.video.times()
		if err := c.checkTimes(ctx, times); err != nil {
			return 0, err
		}
		frames = len(times)
		tracks.video.last(c.total * ticks / 1000)
	}
	if c.sound != nil {
		if err := tracks.audio.checkLength(c.total); err != nil {
			return 0, err
		}
	}
	tracks.lengths(file.Moov)
	return frames, write(c.path("complete.mp4"), in, file)
}

// checkTimes compares the result's frames with the plan. A source whose damaged frames cannot be decoded has fewer: then, and where the
// packets did not tell, all of it is decoded once more to know what there is.
func (c *cutting) checkTimes(ctx context.Context, got []int64) error {
	if slices.Equal(got, c.picture.times) && c.picture.reliable {
		return nil
	}
	all, err := decodedTimes(ctx, c.Source, c.picture.stream.Index)
	if err != nil {
		return err
	}
	planned := len(c.picture.times)
	if c.picture.held && len(got) == 1 {
		return nil
	}
	c.picture.choose(all)
	if len(got) == len(c.picture.times) && sameTimes(got, c.picture.times) {
		return nil
	}
	return fmt.Errorf("media: %d frames encoded, %d planned, %d in the source's kept parts", len(got), planned, len(c.picture.times))
}

// sameTimes allows a millisecond: some containers' times are guesses of the decoder.
func sameTimes(a, b []int64) bool {
	for i := range a {
		if d := a[i] - b[i]; d > ticks/1000 || d < -ticks/1000 {
			return false
		}
	}
	return true
}

// write writes file with its tables in front of the media, whose bytes are copied from in.
func write(path string, in *os.File, file *mp4.File) (err error) {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	mdat := file.Mdat
	header := int64(8)
	if mdat.LargeSize {
		header = 16
	}
	move := func() int64 {
		return int64(file.Ftyp.Size()+file.Moov.Size()) - int64(mdat.StartPos)
	}
	if err := moveChunks(file.Moov, move); err != nil {
		return err
	}
	if err := errors.Join(file.Ftyp.Encode(out), file.Moov.Encode(out)); err != nil {
		return err
	}
	if _, err := in.Seek(int64(mdat.StartPos), io.SeekStart); err != nil {
		return err
	}
	_, err = io.CopyN(out, in, header+int64(mdat.GetLazyDataSize()))
	return err
}

// moveChunks adds a distance to all chunk offsets. The distance depends on the size of the tables, which grows where offsets no longer
// fit into 32 bits: those become 64 bit first.
func moveChunks(moov *mp4.MoovBox, distance func() int64) error {
	for _, trak := range moov.Traks {
		stbl := trak.Mdia.Minf.Stbl
		if stbl.Stco == nil {
			continue
		}
		if n := len(stbl.Stco.ChunkOffset); n > 0 && int64(stbl.Stco.ChunkOffset[n-1])+int64(moov.Size())+1<<20 > math.MaxUint32 {
			wide := &mp4.Co64Box{}
			for _, o := range stbl.Stco.ChunkOffset {
				wide.ChunkOffset = append(wide.ChunkOffset, uint64(o))
			}
			for i, child := range stbl.Children {
				if child == mp4.Box(stbl.Stco) {
					stbl.Children[i] = wide
				}
			}
			stbl.Stco, stbl.Co64 = nil, wide
		}
	}
	by := distance()
	for _, trak := range moov.Traks {
		stbl := trak.Mdia.Minf.Stbl
		switch {
		case stbl.Stco != nil:
			for i, o := range stbl.Stco.ChunkOffset {
				stbl.Stco.ChunkOffset[i] = uint32(int64(o) + by)
			}
		case stbl.Co64 != nil:
			for i, o := range stbl.Co64.ChunkOffset {
				stbl.Co64.ChunkOffset[i] = uint64(int64(o) + by)
			}
		default:
			return errors.New("media: encoded file has no chunk offsets")
		}
	}
	return nil
}
