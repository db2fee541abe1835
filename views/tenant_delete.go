package views

import "context"

// TenantDeletePage is "/tenants/{id}/delete": what goes with a tenant. POST with name does it (303 to the list), or answers
// the page with Error.
type TenantDeletePage struct {
	Page    Page
	Tenant  TenantRow
	People  int
	Files   int64  // bytes
	Typed   string // as typed
	Error   string // one sentence
	Running bool   // an install runs, which is aborted
}

func (p TenantDeletePage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "tenants.deleteTitle", "Name", p.Tenant.Name), "tenants")
	page.Styles = append(page.Styles, "css/tenants.css")
	return page
}
