package stubplatform

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// CourseURL is the page of the course with a link: it begins the login by itself, in a frame, or waits for a click on "Open" where the
// click wants a window.
func (p *Platform) CourseURL(id string) string { return p.URL + "/course?link=" + id }

// course shows a course with the tool in a frame. Its script keeps data for the tool (LTI platform storage), or a frame beside it does, of
// the name that the click has as Storage.
func (p *Platform) course(w http.ResponseWriter, r *http.Request) { p.linkPage(w, r, "course.html") }

// storage is the frame that keeps data for the tool.
func (p *Platform) storage(w http.ResponseWriter, r *http.Request) { p.linkPage(w, r, "storage.html") }

func (p *Platform) linkPage(w http.ResponseWriter, r *http.Request, name string) {
	id := r.FormValue("link")
	c, ok := p.click(id)
	tool, err := url.Parse(p.Tool.Login)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	p.page(w, name, map[string]any{"Link": id, "Title": c.Title, "Action": p.Tool.Login, "Form": p.LoginForm(id), "Window": c.Window, "Storage": c.Storage,
		"ToolOrigin": tool.Scheme + "://" + tool.Host})
}

// auth answers a login with a page that posts the token to the tool.
func (p *Platform) auth(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	address, form, err := p.answerLogin(r.Form)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.page(w, "post.html", map[string]any{"Action": address, "Form": form})
}

func (p *Platform) page(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
