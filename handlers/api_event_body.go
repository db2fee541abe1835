package handlers

import "cutroom/internal/event"

// draftIn reads the body that makes an event.
func draftIn(raw []byte) (event.Draft, error) {
	f, err := fieldsIn(raw)
	if err != nil {
		return event.Draft{}, err
	}
	id := f.text("id", "Label")
	if id.Set && id.Value == "" && !id.Null {
		f.refuse("/id", "Label", "Use 1 to 128 ASCII letters, digits and - . _ ~ ! * : @ , ;")
	}
	language, series := f.text("language", "LangCode"), change[event.SeriesID](f, "series", "ID", "Has to be the id of a series.")
	start, end := f.instant("startTime"), f.instant("endTime")
	d := event.Draft{
		ID: event.ID(id.Value), Title: f.text("title", "NonBlankString").Value, Description: f.text("description", "Description").Value,
		Creators: f.texts("creators").Value, Language: given(language), Series: given(series), Owner: f.ownerOf(), StartTime: given(start), EndTime: given(end),
		ExtraMetadata: f.metadata("extraMetadata").Value,
	}
	if acl := f.acl("acl"); acl.Set {
		d.ACL = acl.Value
	}
	f.fixed("createdBy", "created", "modified", "duration", "state", "error", "assets")
	f.none()
	d.Wrong = f.wrong
	return d, nil
}

// ownerOf takes the owner of a new event; a blank one is refused, an absent one is who makes it.
func (f *fields) ownerOf() string {
	owner := f.text("owner", "NonBlankString")
	if owner.Set && !owner.Null && owner.Value == "" {
		f.refuse("/owner", "NonBlankString", "May not be empty or only white space.")
	}
	return owner.Value
}

func given[T any](c event.Change[T]) *T {
	if !c.Set || c.Null {
		return nil
	}
	return &c.Value
}

// patchIn reads a merge patch of an event.
func patchIn(raw []byte) (event.Patch, error) {
	f, err := fieldsIn(raw)
	if err != nil {
		return event.Patch{}, err
	}
	p := event.Patch{
		Title: f.text("title", "NonBlankString"), Description: f.text("description", "Description"), Creators: f.texts("creators"),
		Language: f.text("language", "LangCode"), Series: change[event.SeriesID](f, "series", "ID", "Has to be the id of a series."),
		Owner: f.text("owner", "NonBlankString"), StartTime: f.instant("startTime"), EndTime: f.instant("endTime"),
		ExtraMetadata: f.metadata("extraMetadata"), ACL: f.acl("acl"),
	}
	f.fixed("id", "createdBy", "created", "modified", "duration", "state", "error", "assets")
	f.none()
	p.Wrong = f.wrong
	return p, nil
}
