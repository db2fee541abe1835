package handlers

import (
	"encoding/json"
	"net/http"
)

// ltiKeys are the tenant's public keys (RFC 7517), for platforms that check what it signed: answers to deep links, and who asks for names
// and roles. A next key is there for a day before it signs, so they may be kept for an hour.
func (s *Server) ltiKeys(w http.ResponseWriter, r *http.Request) error {
	set, err := s.LTI.JWKS(r.Context(), s.tenant(r).ID)
	if err != nil {
		return err
	}
	body, err := json.Marshal(set)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(body)
	return err
}
