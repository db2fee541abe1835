package stubplatform

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
)

// Choice is what a tool answered to a deep linking launch, verified.
type Choice struct {
	Items  []map[string]any
	Claims map[string]any
}

// Choices are the answers so far.
func (p *Platform) Choices() []Choice {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Choice{}, p.choices...)
}

// choice takes the answer of a deep linking launch (Deep Linking 2.0, 5.2) and shows what was chosen.
func (p *Platform) choice(w http.ResponseWriter, r *http.Request) {
	c, err := p.readChoice(r.PostFormValue("JWT"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.choices = append(p.choices, c)
	p.mu.Unlock()
	p.page(w, "choice.html", c)
}

func (p *Platform) readChoice(text string) (Choice, error) {
	var c Choice
	var claims jwt.Claims
	if err := p.readTool(text, &claims, &c.Claims); err != nil {
		return c, err
	}
	if err := claims.Validate(jwt.Expected{Issuer: p.ClientID, AnyAudience: jwt.Audience{p.URL}, Time: time.Now()}); err != nil {
		return c, err
	}
	if c.Claims[claim+"message_type"] != "LtiDeepLinkingResponse" || c.Claims[claim+"version"] != "1.3.0" || c.Claims[claim+"deployment_id"] != p.Deployment ||
		c.Claims["nonce"] == nil {
		return c, errors.New("message_type, version, deployment_id or nonce")
	}
	items, _ := c.Claims["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"].([]any)
	for _, item := range items {
		one, ok := item.(map[string]any)
		if !ok || one["type"] == nil {
			return c, errors.New("an item without type")
		}
		c.Items = append(c.Items, one)
	}
	return c, nil
}
