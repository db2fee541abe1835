package event

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"cutroom/internal/media"
)

// derive makes what pages need of an original: sound picture, storyboard, thumbnail, and a preview where browsers cannot
// play the file as it is. Each is an internal attachment whose property "track" names the original.
func (w *intake) derive(ctx context.Context, a Asset) ([]Asset, error) {
	if a.Kind != "track" || !a.Has("video") && !a.Has("audio") {
		return nil, nil
	}
	local, release, err := w.Files.Local(ctx, w.tenant(), a.Path)
	if err != nil {
		return nil, err
	}
	defer release()
	dir, remove, err := w.Files.Temp(ctx, w.tenant(), "ingest-"+string(w.upload.ID))
	if err != nil {
		return nil, err
	}
	defer remove()
	d := deriver{intake: w, source: a, local: local, dir: dir, kind: strings.SplitN(a.Flavor, "/", 2)[0]}
	if a.Has("audio") {
		if err := d.waveform(ctx); err != nil {
			return nil, err
		}
	}
	w.done.store(0.4)
	if a.Has("video") {
		if err := d.pictures(ctx); err != nil {
			return nil, err
		}
	}
	w.done.store(0.5)
	if a.Properties["playable"] != "true" {
		if err := d.preview(ctx); err != nil {
			return nil, err
		}
	}
	return d.made, nil
}

type deriver struct {
	*intake
	source     Asset
	local, dir string
	kind       string // presenter, presentation, ...
	made       []Asset
}

// keep stores a made file as an internal asset.
func (d *deriver) keep(ctx context.Context, a Asset, name string) error {
	a.ID, a.EventID, a.Internal = AssetID(newID()), d.source.EventID, true
	if a.Kind == "" {
		a.Kind = "attachment"
	}
	a.Path = "assets/" + string(a.ID) + "/" + name
	if a.Properties == nil {
		a.Properties = map[string]string{}
	}
	a.Properties["track"] = string(d.source.ID)
	var err error
	a.Size, a.Checksum, err = d.store(ctx, a.Path, filepath.Join(d.dir, name))
	d.made = append(d.made, a)
	return err
}

func (d *deriver) waveform(ctx context.Context) error {
	if err := media.Waveform(ctx, d.local, filepath.Join(d.dir, "waveform.peaks")); err != nil {
		return err
	}
	return d.keep(ctx, Asset{Flavor: d.kind + "/waveform", MimeType: "application/octet-stream"}, "waveform.peaks")
}

func (d *deriver) pictures(ctx context.Context) error {
	sheet, err := media.Storyboard(ctx, d.local, filepath.Join(d.dir, "storyboard.jpg"))
	if err != nil {
		return err
	}
	if err := d.keep(ctx, Asset{Flavor: d.kind + "/timeline-preview", MimeType: "image/jpeg", Properties: SheetProperties(sheet)}, "storyboard.jpg"); err != nil {
		return err
	}
	at := int64(*d.source.Duration) / 5
	picture, err := media.Thumbnail(ctx, d.local, at, filepath.Join(d.dir, "thumbnail.jpg"))
	if err != nil {
		return err
	}
	size := map[string]string{"w": strconv.Itoa(picture.Width), "h": strconv.Itoa(picture.Height)}
	return d.keep(ctx, Asset{Flavor: "oc/thumbnail", MimeType: "image/jpeg", Properties: size}, "thumbnail.jpg")
}

// SheetProperties are the properties of a timeline-preview asset.
func SheetProperties(s media.Sheet) map[string]string {
	return map[string]string{
		"imageCountX": strconv.Itoa(s.Columns), "imageCountY": strconv.Itoa(s.Rows), "imageSizeX": strconv.Itoa(s.Width),
		"imageSizeY": strconv.Itoa(s.Height), "count": strconv.Itoa(s.Count), "interval": strconv.FormatInt(s.Interval, 10),
	}
}

func (d *deriver) preview(ctx context.Context) error {
	out := filepath.Join(d.dir, "preview.mp4")
	made, err := media.Preview(ctx, d.local, out, func(p media.Progress) { d.done.store(0.5 + 0.5*p.Fraction) })
	if err != nil {
		return err
	}
	duration := Milliseconds(made.Info.Duration)
	a := Asset{Kind: "track", Flavor: d.kind + "/preview", MimeType: "video/mp4", Duration: &duration}
	for _, s := range made.Info.Streams {
		a.Streams = append(a.Streams, StreamOf(s))
	}
	return d.keep(ctx, a, "preview.mp4")
}
