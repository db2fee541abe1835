package edit

import "encoding/json"

// MarshalJSON writes empty lists as [], never as null.
func (st State) MarshalJSON() ([]byte, error) {
	type plain State
	return json.Marshal(plain(st.filled()))
}

// filled gives every list, so that readers never ask.
func (st State) filled() State {
	st.Removed = orEmpty(st.Removed)
	st.Borders = orEmpty(st.Borders)
	st.Tracks = orEmpty(st.Tracks)
	st.Chapters = orEmpty(st.Chapters)
	st.Cues = orEmpty(st.Cues)
	return st
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
