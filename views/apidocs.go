package views

import "context"

// APIDocsPage is "/api/docs"; its script reads /api/openapi.json.
type APIDocsPage struct {
	Page Page
}

func (p APIDocsPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "docs.title"), "none")
	page.Scripts = append(page.Scripts, "js/apidocs.js")
	return page
}

// docsTexts are the texts of static/js/apidocs.js.
func docsTexts(ctx context.Context) map[string]string {
	return Texts(ctx, "docs.parameters", "docs.body", "docs.answers", "docs.types", "docs.needed", "docs.failed", "docs.none", "docs.name", "docs.type", "docs.meaning", "docs.count", "docs.other")
}
