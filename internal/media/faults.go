package media

import (
	"context"
	"errors"
	"strings"
	"syscall"

	"cutroom/internal/fault"
)

var errTooSlow = errors.New("media: took longer than allowed")

// Texts for the user. Ids are those of the catalogue; every text is whole without its data.
func notMedia() *fault.Error {
	return fault.New(fault.Invalid, "media.not-media", "This is not a media file.")
}

func cutOff() *fault.Error {
	return fault.New(fault.Invalid, "media.cut-off", "This file was cut off in the middle: its end is missing.")
}

func noStreams() *fault.Error {
	return fault.New(fault.Invalid, "media.no-streams", "This file holds no picture and no sound.")
}

func emptyFile() *fault.Error {
	return fault.New(fault.Invalid, "media.empty", "This file is empty.")
}

func noLength() *fault.Error {
	return fault.New(fault.Invalid, "media.no-length", "This file's picture and sound have no length.")
}

func unreadable() *fault.Error {
	return fault.New(fault.Invalid, "media.unreadable", "This file's picture or sound cannot be read; it may be damaged.")
}

func tooMuch() *fault.Error {
	return fault.New(fault.Invalid, "media.too-much", "This file takes more time or memory than is allowed.")
}

func diskFull() *fault.Error {
	return fault.New(fault.Unavailable, "disk-full", "The disk is full: free some space on the server, then try again.")
}

// explain turns an error of a program or of the file system into one for the user. A cancelled context stays what it
// is; otherwise is used when nothing better is known.
func explain(err error, otherwise *fault.Error) error {
	switch {
	case err == nil, fault.As(err) != nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case isDiskFull(err):
		return diskFull().WithCause(err)
	case errors.Is(err, errTooSlow), errors.Is(err, errOutputLimit), tailHas(err, noMemory):
		return tooMuch().WithCause(err)
	case otherwise == nil:
		return err
	}
	return otherwise.WithCause(err)
}

func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		tailHas(err, noSpace) || tailHas(err, noQuota)
}

func tailHas(err error, text string) bool {
	var p *programError
	return errors.As(err, &p) && strings.Contains(p.tail, text)
}
