package handlers

import (
	"context"
	"crypto/sha256"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"cutroom/internal/user"
)

// requestKey is where an operation's context holds its *http.Request.
type requestKey struct{}

// bodyKey is where it holds the body that was read ([]byte).
type bodyKey struct{}

// whoOf is the person behind an operation.
func whoOf(ctx context.Context) user.Who { return exchangeOf(ctx).who }

// requestOf is the request of an operation; nil outside of one.
func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// nothing is the input of an operation without parameters.
type nothing struct{}

// register adds an operation to the API and its description, with what all have in common: signed-in people only, the
// errors, a body read whole and checked for its kind, Idempotency-Key on POST. The handler returns a noun's error as it is.
// In has the parameters as fields tagged path, query or header; it has no body: takes says of what type that is, and
// handlers read it with bodyOf, decode or fieldsOf.
func register[In, Out any](a *api, op huma.Operation, handle func(ctx context.Context, in *In) (*Out, error)) {
	common := []int{400, 401, 403, 404, 422, 429, 500, 503}
	if op.RequestBody != nil {
		common = append(common, 413, 415)
	}
	if op.Method != http.MethodGet {
		common = append(common, 409, 412)
	}
	answers(&op, common...)
	if op.Method == http.MethodPost {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
			Description: "The same key gives the same answer again for 24 hours; what it asks for is done once."})
	}
	if op.OperationID == "" {
		op.OperationID = huma.GenerateOperationID(op.Method, op.Path, new(Out))
	}
	op.Middlewares = append(op.Middlewares, a.around)
	// huma would read and check a body that it knows of; it is told afterwards.
	body := op.RequestBody
	op.RequestBody = nil
	huma.Register(a.API, op, func(ctx context.Context, in *In) (*Out, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
	a.described(op.Method, op.Path).RequestBody = body
}

// described finds an operation in the API's description.
func (a *api) described(method, path string) *huma.Operation {
	item := a.OpenAPI().Paths[path]
	return map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete}[method]
}

// takes describes a JSON body by the type of an example. Merge patches may come under their own media type.
func takes[T any](a *api, required bool, mediaTypes ...string) *huma.RequestBody {
	if len(mediaTypes) == 0 {
		mediaTypes = []string{"application/json"}
	}
	schema := a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	body := &huma.RequestBody{Required: required, Content: map[string]*huma.MediaType{}}
	for _, m := range mediaTypes {
		body.Content[m] = &huma.MediaType{Schema: schema}
	}
	return body
}

// around runs before an operation's parameters are read.
func (a *api) around(hc huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(hc)
	x := exchangeOf(r.Context())
	op := hc.Operation()
	x.pattern = op.Method + " " + op.Path
	w.Header().Set("Cache-Control", "no-store")
	if !x.who.SignedIn() {
		a.problem(w, r, needSignIn())
		return
	}
	body, err := readBody(w, r, op)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	ctx := context.WithValue(r.Context(), bodyKey{}, body)
	ctx = context.WithValue(ctx, requestKey{}, r)
	inner := func(w http.ResponseWriter) { next(humago.NewContext(op, r.WithContext(ctx), w)) }
	if key, given := idempotencyKey(r); given {
		a.once(w, r, key, sha256.Sum256(body), onceStale, inner)
		return
	}
	inner(w)
}
