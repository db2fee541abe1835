// Package stubplatform is a learning platform for tests: it signs with its own keys, answers logins, shows a course page with our tool in a
// frame, keeps data for the tool by platform storage messages, tells who is in a course, takes the choice of a deep link and
// registers tools. It shares no code with the tool that it tests.
//
// A test in Go makes one with [New], offers a click with [Platform.Offer], sends [Platform.LoginForm] to the tool, and what [Platform.Answer] makes of
// the tool's answer to its launch address. A browser opens [Platform.CourseURL] and does the same by itself. For TLS or another host name, make it
// by [At] and serve [Platform.Handler].
package stubplatform
