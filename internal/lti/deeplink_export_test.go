package lti

// CheckReturn lets tests ask whether an answer may go where it is wanted.
func CheckReturn(p Picking) error { return p.checkReturn() }
