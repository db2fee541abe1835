package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Limits of one ffmpeg or ffprobe. Input is untrusted: a small file may ask for endless time, memory or output.
const (
	probeTime   = 10 * time.Minute
	encodeTime  = 24 * time.Hour
	memoryLimit = 8 << 30   // address space, not resident: x264 at 8192 pixels needs half of it
	outputLimit = 512 << 30 // bytes of any one file written
	tailLines   = 12        // of stderr, kept for the log
)

var errOutputLimit = errors.New("media: output is larger than allowed")

// program is one start of ffmpeg or ffprobe.
type program struct {
	name   string // "ffmpeg" or "ffprobe"
	args   []string
	extra  []*os.File              // from file descriptor 3 on; closed here once the child has them
	stdout func(r io.Reader) error // reads all it wants; nil: thrown away
	limit  time.Duration           // of wall time; 0: encodeTime
	memory uint64                  // address space in bytes; 0: memoryLimit
	output uint64                  // size of a written file in bytes; 0: outputLimit
	begun  func(process int)       // for tests; may be nil
}

// What the C library says of these failures.
const (
	noMemory = "Cannot allocate memory"
	noSpace  = "No space left on device"
	noQuota  = "Disk quota exceeded"
)

// programError is a failed program with the end of what it wrote to stderr: for the log, never for a browser.
type programError struct {
	name string
	tail string
	err  error
}

func (e *programError) Error() string {
	return fmt.Sprintf("media: %s: %v: %s", e.name, e.err, strings.ReplaceAll(e.tail, "\n", " | "))
}

func (e *programError) Unwrap() error { return e.err }

// run starts p and waits for its end. Only exit code 0 is success. The child has its own process group, which is killed
// when ctx ends or the time is over, and it is killed by the kernel when this process dies: Pdeathsig fires when the
// *thread* that started the child ends, so the goroutine keeps its thread until the child is gone.
func (p program) run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithTimeoutCause(ctx, orDefault(p.limit, encodeTime), errTooSlow)
	defer cancel()

	cmd := exec.CommandContext(ctx, p.name, p.args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"}
	cmd.ExtraFiles = p.extra
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	tail := &tailWriter{}
	cmd.Stderr = tail
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	for _, f := range p.extra {
		_ = f.Close() // the child has its own copy
	}
	if err != nil {
		return &programError{p.name, "", err}
	}
	if p.begun != nil {
		p.begun(cmd.Process.Pid)
	}
	if err := p.restrict(cmd.Process.Pid); err != nil {
		cancel()
	}
	readErr := p.read(stdout)
	if readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	return p.verdict(ctx, err, readErr, tail.String())
}

// restrict sets what the kernel enforces, right after the start.
func (p program) restrict(pid int) error {
	limits := map[int]uint64{
		unix.RLIMIT_AS:    orDefault(p.memory, memoryLimit),
		unix.RLIMIT_FSIZE: orDefault(p.output, outputLimit),
		unix.RLIMIT_CORE:  0,
	}
	for which, value := range limits {
		err := unix.Prlimit(pid, which, &unix.Rlimit{Cur: value, Max: value}, nil)
		if err != nil && !errors.Is(err, unix.ESRCH) { // already over: Wait tells
			return err
		}
	}
	return nil
}

func (p program) read(stdout io.Reader) error {
	var err error
	if p.stdout != nil {
		err = p.stdout(stdout)
	}
	if err == nil {
		_, _ = io.Copy(io.Discard, stdout)
	}
	return err
}

// verdict turns the end of a program into one error: who cancelled wins, then what the reader found, then the exit.
func (p program) verdict(ctx context.Context, exit, read error, tail string) error {
	switch {
	case read != nil && !errors.Is(read, context.Canceled):
		return read
	case ctx.Err() != nil && exit != nil:
		return &programError{p.name, tail, context.Cause(ctx)}
	case exit == nil && !strings.Contains(tail, noMemory) && !strings.Contains(tail, noSpace):
		return nil
	case exit == nil: // ffmpeg takes a failed read for the end of the file
		return &programError{p.name, tail, errors.New("reported success after a failure")}
	}
	var code *exec.ExitError
	if errors.As(exit, &code) {
		if status, ok := code.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGXFSZ {
			exit = errOutputLimit
		}
	}
	return &programError{p.name, tail, exit}
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// tailWriter keeps the last lines written to it, each shortened: a damaged file makes ffmpeg write millions.
type tailWriter struct {
	lines []string
	rest  string
}

func (t *tailWriter) Write(b []byte) (int, error) {
	t.rest += string(b)
	for {
		line, rest, found := strings.Cut(t.rest, "\n")
		if !found {
			break
		}
		t.rest = rest
		t.lines = append(t.lines, shorten(line))
		t.lines = t.lines[max(0, len(t.lines)-tailLines):]
	}
	t.rest = shorten(t.rest)
	return len(b), nil
}

func (t *tailWriter) String() string {
	return strings.TrimSpace(strings.Join(append(t.lines[:len(t.lines):len(t.lines)], t.rest), "\n"))
}

func shorten(s string) string { return s[:min(len(s), 400)] }
