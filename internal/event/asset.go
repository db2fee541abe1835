package event

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
)

// assetColumns are the columns of Asset in their order.
const assetColumns = `id, event_id, kind, flavor, tags, properties, mime_type, size, checksum, source, internal, modified, path, duration, is_live, streams, language`

var (
	flavorForm   = regexp.MustCompile(`^[\x21-\x2e\x30-\x7e]+/[\x21-\x2e\x30-\x7e]+$`)
	checksumForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// ValidFlavor says whether a flavor is ASCII of the form type/subtype.
func ValidFlavor(flavor string) bool { return len(flavor) <= 255 && flavorForm.MatchString(flavor) }

// ValidLanguage says whether a language is a LangCode.
func ValidLanguage(language string) bool { return languageForm.MatchString(language) }

// AddAssetTx adds an asset to an event, under a new id when it has none, and returns it as it is stored. Its file has to
// lie at its path already. The caller has checked the right.
func AddAssetTx(ctx context.Context, tx pgx.Tx, a Asset) (Asset, error) {
	if a.ID == "" {
		a.ID = AssetID(newID())
	}
	a.MimeType = strings.ToLower(a.MimeType)
	a.Tags = emptyNotNil(a.Tags)
	if a.Properties == nil {
		a.Properties = map[string]string{}
	}
	if a.Streams == nil {
		a.Streams = []Stream{}
	}
	if err := checkAsset(a); err != nil {
		return Asset{}, err
	}
	err := tx.QueryRow(ctx, `
		insert into asset (id, event_id, kind, flavor, tags, properties, mime_type, size, checksum, source, internal, path, duration, is_live, streams, language)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) returning modified`,
		a.ID, a.EventID, a.Kind, a.Flavor, a.Tags, a.Properties, a.MimeType, a.Size, a.Checksum, a.Source, a.Internal, a.Path,
		a.Duration, a.IsLive, a.Streams, a.Language).Scan(&a.Modified)
	return a, refusal(err)
}

func checkAsset(a Asset) error {
	var w wrong
	w.label("/id", string(a.ID))
	if a.Kind != "track" && a.Kind != "attachment" {
		w.add("/kind", "Kind", "Use track or attachment.")
	}
	if !ValidFlavor(a.Flavor) {
		w.add("/flavor", "Flavor", "Use ASCII signs of the form type/subtype.")
	}
	w.names("/tags", a.Tags)
	for name, value := range a.Properties {
		w.label("/properties/"+Pointer(name), name)
		if !cleanText(value) {
			w.add("/properties/"+Pointer(name), "Text", "Has signs that no text can have.")
		}
	}
	if !strings.Contains(a.MimeType, "/") || !cleanText(a.MimeType) {
		w.add("/mimeType", "MimeType", "Use the form type/subtype.")
	}
	if !checksumForm.MatchString(a.Checksum) {
		w.add("/checksum", "Checksum", "Use sha256: and 64 hex digits.")
	}
	if a.Language != nil {
		w.language("/language", *a.Language)
	}
	w.track(a)
	return w.fault()
}

// track checks what belongs to the timeline: a track has a duration and streams, a public one at most one picture.
func (w *wrong) track(a Asset) {
	if (a.Kind == "track") != (a.Duration != nil) {
		w.add("/duration", "TrackDuration", "Tracks have a duration, attachments have none.")
	}
	if a.Duration != nil && *a.Duration < 0 {
		w.add("/duration", "Milliseconds", "May not be negative.")
	}
	if a.Kind == "track" && len(a.Streams) == 0 {
		w.add("/streams", "TrackStreams", "A track needs a stream.")
	}
	pictures := 0
	for i, s := range a.Streams {
		if s.Kind != "video" && s.Kind != "audio" && s.Kind != "text" {
			w.add(fmt.Sprintf("/streams/%d/kind", i), "StreamKind", "Use video, audio or text.")
		}
		if s.Kind == "video" {
			pictures++
		}
	}
	if !a.Internal && pictures > 1 {
		w.add("/streams", "OnePicture", "A public track may have one picture only.")
	}
}

// AssetsTx gives all assets of an event, internal ones too, by id. The caller has checked the right.
func AssetsTx(ctx context.Context, tx pgx.Tx, id ID) ([]Asset, error) {
	rows, err := tx.Query(ctx, `select `+assetColumns+` from asset where event_id = $1 order by id collate "C"`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Asset])
}

// SetStateTx tells how far an event is. errText says why with Failed, and is dropped with other states.
func SetStateTx(ctx context.Context, tx pgx.Tx, id ID, state State, errText string) error {
	var text *string
	if state == Failed {
		text = &errText
	}
	tag, err := tx.Exec(ctx, "update event set state = $2, error = $3 where id = $1", id, state, text)
	return oneRow(tag.RowsAffected(), err)
}

func oneRow(n int64, err error) error {
	if err == nil && n == 0 {
		return fault.Gone()
	}
	return refusal(err)
}

func emptyNotNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
