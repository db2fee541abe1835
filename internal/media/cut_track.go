package media

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/Eyevinn/mp4ff/mp4"
)

// track is one track of an encoded file.
type track struct{ *mp4.TrakBox }

// tracks are the at most two tracks of an encoded file.
type tracks struct{ video, audio *track }

// tracksOf finds the tracks and makes sure that their tables are whole and that every sample lies inside the media.
func tracksOf(file *mp4.File, in io.Seeker) (tracks, error) {
	var found tracks
	size, err := in.Seek(0, io.SeekEnd)
	if err != nil {
		return found, err
	}
	var bytes uint64
	for _, trak := range file.Moov.Traks {
		if trak.Mdia == nil || trak.Mdia.Mdhd == nil || trak.Mdia.Hdlr == nil || trak.Mdia.Minf == nil || trak.Mdia.Minf.Stbl == nil ||
			trak.Mdia.Minf.Stbl.Stts == nil || trak.Mdia.Minf.Stbl.Stsz == nil || trak.Tkhd == nil {
			return found, errors.New("media: encoded file has incomplete tables")
		}
		stsz := trak.Mdia.Minf.Stbl.Stsz
		n, err := stsz.GetTotalSampleSize(1, stsz.GetNrSamples())
		if err != nil {
			return found, fmt.Errorf("media: encoded file's sample sizes: %w", err)
		}
		bytes += n
		switch trak.Mdia.Hdlr.HandlerType {
		case "vide":
			found.video = &track{trak}
		case "soun":
			found.audio = &track{trak}
		}
	}
	if mdat := file.Mdat; bytes > mdat.GetLazyDataSize() || int64(mdat.StartPos+mdat.GetLazyDataSize()) > size {
		return found, errors.New("media: encoded file is shorter than its tables say")
	}
	return found, nil
}

// edit is where presentation begins: empty ticks of the movie first, then the media from mediaTime on.
func (t *track) edit() (empty, mediaTime int64) {
	if t.Edts == nil {
		return 0, 0
	}
	for _, elst := range t.Edts.Elst {
		for _, e := range elst.Entries {
			if e.MediaTime < 0 {
				empty += int64(e.SegmentDuration)
			} else {
				return empty, e.MediaTime
			}
		}
	}
	return empty, 0
}

// times are the presentation times of all samples in ticks, rising. The movie's and the picture's time scale are both ticks.
func (t *track) times() []int64 {
	empty, mediaTime := t.edit()
	composed := t.composed()
	for i := range composed {
		composed[i] += empty - mediaTime
	}
	slices.Sort(composed)
	return composed
}

// composed are the composition times of all samples in decoding order.
func (t *track) composed() []int64 {
	stbl := t.Mdia.Minf.Stbl
	var all []int64
	at := int64(0)
	for i, n := range stbl.Stts.SampleCount {
		for range n {
			all = append(all, at)
			at += int64(stbl.Stts.SampleTimeDelta[i])
		}
	}
	if stbl.Ctts != nil {
		n := 0
		for i := range stbl.Ctts.NrSampleCount() {
			for range stbl.Ctts.SampleCount(i) {
				if n < len(all) {
					all[n] += int64(stbl.Ctts.SampleOffset[i])
				}
				n++
			}
		}
	}
	return all
}

// last makes the track end at end (ticks of the result): its last sample is as long as it has to be, so that a picture that ends early
// is held, without a doubled frame.
func (t *track) last(end int64) {
	stts := t.Mdia.Minf.Stbl.Stts
	first := t.times()[0]
	mediaTime := slices.Min(t.composed())
	length := end - first // of the presentation, without the empty start
	n := len(stts.SampleCount) - 1
	var decoded int64
	for i := range stts.SampleCount {
		decoded += int64(stts.SampleCount[i]) * int64(stts.SampleTimeDelta[i])
	}
	delta := mediaTime + length - (decoded - int64(stts.SampleTimeDelta[n]))
	delta = min(max(delta, 1), math.MaxUint32)
	decoded += delta - int64(stts.SampleTimeDelta[n])
	if stts.SampleCount[n] > 1 {
		stts.SampleCount[n]--
		stts.SampleCount = append(stts.SampleCount, 1)
		stts.SampleTimeDelta = append(stts.SampleTimeDelta, uint32(delta))
	} else {
		stts.SampleTimeDelta[n] = uint32(delta)
	}
	t.Mdia.Mdhd.Duration = uint64(decoded)
	t.setEdit(first, mediaTime, length)
}

func (t *track) setEdit(empty, mediaTime, length int64) {
	elst := &mp4.ElstBox{Version: 1}
	if empty > 0 {
		elst.Entries = append(elst.Entries, mp4.ElstEntry{SegmentDuration: uint64(empty), MediaTime: -1, MediaRateInteger: 1})
	}
	elst.Entries = append(elst.Entries, mp4.ElstEntry{SegmentDuration: uint64(length), MediaTime: mediaTime, MediaRateInteger: 1})
	if t.Edts == nil {
		edts := &mp4.EdtsBox{}
		edts.AddChild(elst)
		t.Edts = edts
		t.Children = slices.Insert(t.Children, 1, mp4.Box(edts)) // behind tkhd
	} else {
		t.Edts.Children, t.Edts.Elst = nil, nil
		t.Edts.AddChild(elst)
	}
	t.Tkhd.Duration = uint64(empty + length)
}

// checkLength makes sure that the sound lasts as long as the result (ms), to one AAC frame.
func (t *track) checkLength(total int64) error {
	scale := int64(t.Mdia.Mdhd.Timescale)
	_, mediaTime := t.edit()
	length := (int64(t.Mdia.Mdhd.Duration) - mediaTime) * 1000 / max(scale, 1)
	frame := 1024*1000/max(scale, 1) + 1
	if length < total-frame || length > total+2*frame {
		return fmt.Errorf("media: %d ms of sound encoded, %d planned", length, total)
	}
	return nil
}

// lengths sets the movie's length to the longest track's and widens fields that need more than 32 bits.
func (s tracks) lengths(moov *mp4.MoovBox) {
	moov.Mvhd.Duration = 0
	for _, t := range []*track{s.video, s.audio} {
		if t == nil {
			continue
		}
		moov.Mvhd.Duration = max(moov.Mvhd.Duration, t.Tkhd.Duration)
		if t.Tkhd.Duration > math.MaxUint32 {
			t.Tkhd.Version = 1
		}
		if t.Mdia.Mdhd.Duration > math.MaxUint32 {
			t.Mdia.Mdhd.Version = 1
		}
	}
	if moov.Mvhd.Duration > math.MaxUint32 {
		moov.Mvhd.Version = 1
	}
}
