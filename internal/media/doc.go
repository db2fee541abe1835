// Package media makes files out of files with ffmpeg: what a recording holds, its waveform, its pictures, its cut.
// It knows no database and no tenant; paths come in, files and plain values go out.
//
// # Time
//
// All times are milliseconds of the *timeline*, which begins at presentation time 0 of every source, edit lists applied.
// MP4, QuickTime and Matroska have such a zero of their own; in other containers (MPEG-TS begins anywhere) the
// earliest picture or sound is at 0, rounded down to a millisecond (Info.origin). Ranges are half open: [Start, End).
//
// # Untrusted input
//
// An upload may be anything. Every ffmpeg and ffprobe call opens it through input, by an absolute file: URL, with a whitelist of
// protocols and one of demuxers of real media, so that a playlist or a concat script named .mp4 reads no other file. Every call
// goes through program, which limits time, address space and the size of written files, gives the child no environment
// (there are secrets in ours) and its own process group, and ties its life to ours: Pdeathsig fires when the *thread* that started
// the child ends, hence the locked thread. Exit code 0 is necessary and not enough: ffmpeg takes a failed read
// for the end of the file, and leaves a playable, shorter file when it is told to stop.
//
// # Files appear whole
//
// Everything is written in a folder named .making-… beside its destination, then fsynced and renamed. A worker killed at any moment
// leaves at most such a folder.
//
// # Cut
//
// A frame is in the result exactly if its time t satisfies start ≤ t < end of a kept range; its time in the result is t − start + what was
// kept before, in every track, so that tracks of different rates never drift apart. The steps:
//
//  1. Inspect the source; ffprobe lists the times of all its packets (readPackets), at the speed of the disk.
//  2. planPicture turns the borders into whole ticks of the source's time base, rounded up: for whole t, t ≥ ceil(border) says the
//     same as t ≥ border. So it knows every frame of the result and its time. planSound does likewise with samples.
//  3. One ffmpeg decodes the picture, chooses frames by ticks (select), sets their times in a time base in which the source's
//     and the result's ticks are both whole (settb, setpts), and encodes them with libx264: variable rates stay variable, no
//     frame is doubled or dropped. It stops reading behind the last kept frame.
//  4. A second ffmpeg decodes the sound to raw samples whose first is at time 0, gaps filled; soundPlan.cutter copies the kept samples to
//     the encoder through a pipe, fades 5 ms at each join and writes silence where the source has ended. Each border
//     is rounded by itself, so that nothing adds up.
//  5. completeMP4 reads the result's tables, compares every frame's time with the plan, makes the last picture last to the end of the
//     result (a longer last sample, not a doubled frame), states the empty start where the first frame comes late, and writes the
//     file anew with its tables in front.
//
// The result's clock has 120000 ticks a second: the usual frame rates and milliseconds are whole numbers of it; other times are rounded down
// by less than 9 µs, each by itself. Where no frame of a track lies in the kept ranges, the picture that is seen where they begin
// is shown throughout (Result.Held): a track without any picture would be a broken file.
//
// A source with damaged frames has fewer than its packets promise. If the result differs from the plan, the whole source is decoded
// once more, and the result must then have exactly the frames that can be decoded.
//
// Odd pictures: rotation is applied, odd sides lose a column or row, interlaced frames are deinterlaced one for one, 10 bit and 4:4:4
// become 8 bit 4:2:0, a size that changes is scaled to the first. Sound of 1, 2 or 6 channels keeps them, other
// counts become stereo; with a picture it has 44.1 or 48 kHz, alone it keeps any rate that AAC knows. Metadata of the source
// (places, devices, names) does not go into the result.
//
// # Analysis
//
// Waveform reads the sound once and keeps the lowest and highest sample of each 10 ms and of four coarser levels. Storyboard decodes
// key frames only where they are close enough. Thumbnail finds the frame that is seen at a moment by the packets around it.
// Preview is a cut that keeps everything, smaller: same frames, same times, playable everywhere, a key frame each 2 s.
//
// # Subtitles
//
// VTT is read and printed without loss; SRT becomes VTT; CutVTT moves cues as the pictures are moved.
//
// # Errors
//
// What the file or the user is to blame for is a *fault.Error of kind Invalid with ids media.…; a full disk is kind Unavailable
// with id disk-full. The end of ffmpeg's own words is in the cause, for the log.
package media
