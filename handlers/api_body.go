package handlers

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cutroom/internal/fault"
)

// mergePatch is the media type of RFC 7396.
const mergePatch = "application/merge-patch+json"

// readBody reads the body of an operation that takes JSON. Operations that describe another kind read for themselves, and
// those that describe none take none.
func readBody(w http.ResponseWriter, r *http.Request, op *huma.Operation) ([]byte, error) {
	if op.RequestBody != nil && op.RequestBody.Content["application/json"] == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, err
	case err != nil:
		return nil, fault.New(fault.Malformed, "error.body-broken", "The body ended before its end.").WithCause(err)
	case op.RequestBody == nil && len(body) > 0 && strings.TrimSpace(string(body)) != "{}":
		return nil, fault.New(fault.Malformed, "error.body-unwanted", "This address takes no body.")
	case op.RequestBody == nil || len(body) == 0:
		return body, nil
	}
	return body, checkKind(r, op)
}

// checkKind refuses a body whose media type the operation does not take. No media type at all is JSON.
func checkKind(r *http.Request, op *huma.Operation) error {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(given)
	if charset := params["charset"]; err == nil && op.RequestBody.Content[kind] != nil && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	return fault.New(fault.Unsupported, "error.body-kind", "Send JSON in UTF-8 as application/json.")
}

// bodyOf is the body of an operation, as it came.
func bodyOf(ctx context.Context) []byte {
	body, _ := ctx.Value(bodyKey{}).([]byte)
	return body
}

// decode reads an operation's body into a value, strictly: unknown and doubled names, invalid UTF-8, other types and
// anything after the end are refused, the place named as a JSON pointer.
func decode(ctx context.Context, into any) error {
	return decodeJSON(bodyOf(ctx), into)
}

func decodeJSON(raw []byte, into any) error {
	if len(strings.TrimSpace(string(raw))) == 0 {
		return fault.New(fault.Malformed, "error.body-empty", "A body of JSON is needed.")
	}
	return jsonFault(jsonv2.Unmarshal(raw, into, jsonv2.RejectUnknownMembers(true)))
}

// jsonFault tells what is wrong with a JSON text, and where.
func jsonFault(err error) error {
	var syntax *jsontext.SyntacticError
	var meaning *jsonv2.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return syntaxFault(syntax)
	case errors.Is(err, jsonv2.ErrUnknownName) && errors.As(err, &meaning):
		return wrongField(string(meaning.JSONPointer), "KnownField", "There is no such field.")
	case errors.As(err, &meaning):
		return wrongField(string(meaning.JSONPointer), "Type", "Has the wrong type or form.")
	}
	return fault.New(fault.Malformed, "error.json", "The body is no JSON.").WithCause(err)
}

func syntaxFault(err *jsontext.SyntacticError) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return wrongField(string(err.JSONPointer), "NoDoubles", "Stands here more than once.")
	}
	f := fault.Newf(fault.Malformed, "error.json", "The body is no JSON in UTF-8: something is wrong near byte %d.", err.ByteOffset).WithCause(err)
	if err.JSONPointer != "" {
		f = f.WithFields(fault.Field{Path: string(err.JSONPointer), Rule: "JSON", Message: "Is no JSON in UTF-8."})
	}
	return f
}

// wrongField refuses a request for one field.
func wrongField(path, rule, message string) *fault.Error {
	name := strings.TrimPrefix(path, "/")
	if name == "" {
		name = "The body"
	}
	return fault.New(fault.Invalid, "error.fields", name+": "+message).WithFields(fault.Field{Path: path, Rule: rule, Message: message})
}
