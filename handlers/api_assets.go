package handlers

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
	"cutroom/internal/fault"
	"cutroom/internal/user"
)

// maxFormField is how many bytes a field beside the file may have.
const maxFormField = 4 << 10

// addAsset takes in a file by multipart/form-data: file, flavor, language?, tags? (repeated or with commas). The answer
// is 202: a job makes the asset. What is no media, subtitles or picture is refused at once.
func (s *Server) addAsset(w http.ResponseWriter, r *http.Request) error {
	who, id := s.who(r), eventOf(r)
	if !who.SignedIn() {
		return needSignIn()
	}
	if _, err := s.Events.Find(r.Context(), who, id, event.ToWrite); err != nil {
		return err
	}
	n, staged, err := s.readAssetForm(r, who)
	if err != nil {
		return err
	}
	n.Event = id
	if _, err := s.Uploads.Admit(r.Context(), who, n, staged); err != nil {
		return err
	}
	e, err := s.Events.Find(r.Context(), who, id, event.ToWrite)
	if err != nil {
		return err
	}
	return s.writeEvent(w, http.StatusAccepted, who, e)
}

// readAssetForm reads the form; the file is in storage then, for Admit or Drop.
func (s *Server) readAssetForm(r *http.Request, who user.Who) (n event.NewUpload, staged event.Staged, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return n, staged, fault.New(fault.Malformed, "error.multipart", "Send the file as multipart/form-data.").WithCause(err)
	}
	defer func() {
		if err != nil && staged.ID != "" {
			s.Uploads.Drop(r.Context(), who.Tenant, staged)
		}
	}()
	for {
		part, e := form.NextPart()
		if errors.Is(e, io.EOF) {
			break
		}
		if e != nil {
			return n, staged, fault.New(fault.Malformed, "error.multipart", "The form ends in the middle.").WithCause(e)
		}
		if err = s.readAssetPart(r, who, part, &n, &staged); err != nil {
			return n, staged, err
		}
	}
	if staged.ID == "" {
		err = fault.New(fault.Invalid, "error.no-file", "The form has no file.").WithFields(fault.Field{Path: "/file", Rule: "Required", Message: "Add a file."})
	}
	return n, staged, err
}

func (s *Server) readAssetPart(r *http.Request, who user.Who, part *multipart.Part, n *event.NewUpload, staged *event.Staged) error {
	if part.FormName() == "file" {
		if staged.ID != "" {
			return fault.New(fault.Invalid, "error.two-files", "Send one file at a time.").WithFields(fault.Field{Path: "/file", Rule: "OneFile", Message: "Send one file at a time."})
		}
		n.Filename = part.FileName()
		var err error
		*staged, err = s.Uploads.Stage(r.Context(), who.Tenant, part)
		return err
	}
	text, err := io.ReadAll(io.LimitReader(part, maxFormField))
	if err != nil {
		return fault.New(fault.Malformed, "error.multipart", "The form ends in the middle.").WithCause(err)
	}
	value := strings.TrimSpace(string(text))
	switch name := part.FormName(); name {
	case "flavor":
		n.Flavor = value
	case "language":
		n.Language = value
	case "tags", "tag":
		n.Tags = append(n.Tags, splitTags(value)...)
	default:
		return fault.New(fault.Invalid, "error.unknown-field", "The form has a field that is not known.").
			WithFields(fault.Field{Path: "/" + event.Pointer(name), Rule: "Known", Message: "There is no such field. Use file, flavor, language and tags."})
	}
	return nil
}

func splitTags(value string) []string {
	var tags []string
	for tag := range strings.SplitSeq(value, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// writeEvent answers with an event as the API shows it.
func (s *Server) writeEvent(w http.ResponseWriter, status int, who user.Who, e event.Event) error {
	var body bytes.Buffer
	if err := writeJSON(&body, s.showEvent(who, e)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Etag", event.ETag(e))
	w.Header().Set("Location", eventsPath+"/"+string(e.ID))
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
	return nil
}

// assetsFormAPI describes addAsset.
func (s *Server) assetsFormAPI(a *api) {
	text := &huma.Schema{Type: "string"}
	op := huma.Operation{Method: http.MethodPost, Path: eventsPath + "/{id}/assets", OperationID: "addAsset", Tags: []string{"assets"}, Summary: "Add a file",
		Description: "A job makes the asset; the event is processing until then. A VTT or SRT file becomes a text track.",
		Parameters:  []*huma.Param{pathParam("id", "Id of the event.")},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: "object",
			Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}, "flavor": text, "language": text, "tags": text}}}}}}
	describe(a, op, http.StatusAccepted, map[string]string{"Location": "The event.", "ETag": "Of the event."})
	a.OpenAPI().Paths[op.Path].Post.Responses["202"].Content = map[string]*huma.MediaType{
		"application/json": {Schema: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[apiEvent](), true, "Event")}}
}
