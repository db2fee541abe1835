package handlers

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// describedRoutes describes what has handlers of its own: uploads (tus 1.0), the socket and this description itself.
func (a *api) describedRoutes() {
	tus := []string{"uploads"}
	describe(a, huma.Operation{Method: http.MethodPost, Path: uploadsPath, OperationID: "createUpload", Tags: tus, Summary: "Begin an upload (tus 1.0)",
		Description: "Upload-Metadata: filename, title?, series?, id? (of the new event), or event + flavor to add to one. Each value in base64. The event is there at once.",
		Parameters:  []*huma.Param{headerParam("Tus-Resumable", "1.0.0", true), headerParam("Upload-Length", "Bytes.", true), headerParam("Upload-Metadata", "", false)}},
		http.StatusCreated, map[string]string{"Location": "Where to send the pieces.", "Cutroom-Event": "Id of the event.", "Upload-Offset": "", "Tus-Resumable": ""})
	id := pathParam("id", "Id of the upload.")
	describe(a, huma.Operation{Method: http.MethodPatch, Path: uploadsPath + "/{id}", OperationID: "continueUpload", Tags: tus, Summary: "Send a piece",
		Parameters:  []*huma.Param{id, headerParam("Tus-Resumable", "1.0.0", true), headerParam("Upload-Offset", "Bytes that are there.", true)},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/offset+octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}},
		http.StatusNoContent, map[string]string{"Upload-Offset": "Bytes that are there now.", "Tus-Resumable": ""})
	describe(a, huma.Operation{Method: http.MethodHead, Path: uploadsPath + "/{id}", OperationID: "getUpload", Tags: tus, Summary: "How far an upload is",
		Parameters: []*huma.Param{id, headerParam("Tus-Resumable", "1.0.0", true)}},
		http.StatusOK, map[string]string{"Upload-Offset": "Bytes that are there.", "Upload-Length": "Bytes of the whole file.", "Tus-Resumable": ""})
	describe(a, huma.Operation{Method: http.MethodDelete, Path: uploadsPath + "/{id}", OperationID: "endUpload", Tags: tus, Summary: "Give up an upload",
		Parameters: []*huma.Param{id, headerParam("Tus-Resumable", "1.0.0", true)}}, http.StatusNoContent, map[string]string{"Tus-Resumable": ""})
	describe(a, huma.Operation{Method: http.MethodGet, Path: eventsPath + "/{id}/live", OperationID: "openSocket", Tags: []string{"edit"}, Summary: "Edit together: a WebSocket",
		Description: "Subprotocol cutroom.v1, JSON in text frames.",
		Parameters:  []*huma.Param{pathParam("id", "Id of the event."), {Name: "since", In: "query", Description: "The rev that is known.", Schema: &huma.Schema{Type: "integer"}}}},
		http.StatusSwitchingProtocols, nil)
	op := huma.Operation{Method: http.MethodGet, Path: "/api/openapi.json", OperationID: "getDescription", Tags: []string{"me"}, Summary: "This description",
		Responses: map[string]*huma.Response{"200": {Description: "OpenAPI 3.1", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: "object", AdditionalProperties: true}}}}}}
	a.OpenAPI().AddOperation(&op)
}

// describe adds an operation to the description alone.
func describe(a *api, op huma.Operation, status int, headers map[string]string) {
	op.Responses = map[string]*huma.Response{}
	answers(&op, 400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 423, 429, 500, 503)
	good := &huma.Response{Description: http.StatusText(status)}
	for name, says := range headers {
		if good.Headers == nil {
			good.Headers = map[string]*huma.Param{}
		}
		good.Headers[name] = &huma.Param{Description: says, Schema: &huma.Schema{Type: "string"}}
	}
	op.Responses[strconv.Itoa(status)] = good
	a.OpenAPI().AddOperation(&op)
}

func headerParam(name, says string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: says, Required: required, Schema: &huma.Schema{Type: "string"}}
}

func pathParam(name, says string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Description: says, Required: true, Schema: &huma.Schema{Type: "string"}}
}

// specOf writes the description once.
func specOf(a *api) ([]byte, error) { return json.Marshal(a.OpenAPI()) }
