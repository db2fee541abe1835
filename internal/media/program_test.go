package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cutroom/internal/fault"
)

// endless is an encoder that never ends by itself.
func endless(more ...string) program {
	return program{name: "ffmpeg", args: join(quiet, []string{"-re", "-f", "lavfi", "-i", "testsrc2"}, more, []string{"-f", "null", "-"})}
}

// helper is the environment variable that makes this test binary a worker to be killed.
const helper = "CUTROOM_MEDIA_TEST_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(helper) != "" {
		p := endless()
		p.begun = func(process int) { fmt.Println(process) }
		_ = p.run(context.Background())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestProgramDiesWithItsWorker(t *testing.T) {
	t.Parallel()
	worker := exec.CommandContext(t.Context(), os.Args[0])
	worker.Env = append(os.Environ(), helper+"=1")
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if !runs(child) {
		t.Fatal("the program does not run")
	}
	if err := worker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = worker.Wait()
	wantGone(t, child)
}

func TestProgramDiesWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p, child := endless(), 0
	p.begun = func(process int) { child = process; cancel() }
	if err := p.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantGone(t, child)
}

func wantGone(t *testing.T, process int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runs(process); {
		if time.Now().After(deadline) {
			_ = syscall.Kill(process, syscall.SIGKILL)
			t.Fatal("the program still runs")
		}
	}
}

// runs is false for what is gone and for what only waits to be reaped.
func runs(process int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return false
	}
	after := string(stat[strings.LastIndex(string(stat), ")")+1:])
	return !strings.HasPrefix(after, " Z") && !strings.HasPrefix(after, " X")
}

func TestProgramLimits(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out.nut")
	slow := endless()
	slow.limit = 100 * time.Millisecond
	greedy := program{name: "ffmpeg", memory: 900 << 20, limit: time.Minute, args: join(quiet, []string{"-f", "lavfi", "-i", "testsrc2=s=1920x1080", "-vf", "reverse", "-f", "null", "-"})}
	large := program{name: "ffmpeg", output: 1 << 20, args: join(quiet, []string{"-f", "lavfi", "-i", "testsrc2", "-c:v", "rawvideo", "-f", "nut", out})}
	for name, p := range map[string]program{"time": slow, "memory": greedy, "output": large} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := explain(p.run(t.Context()), nil)
			if e := fault.As(err); e == nil || e.ID != "media.too-much" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestProgramOfAFullDisk(t *testing.T) {
	t.Parallel()
	p := program{name: "ffmpeg", args: join(quiet, []string{"-f", "lavfi", "-i", "testsrc2=d=1", "-c:v", "rawvideo", "-f", "nut", "/dev/full"})}
	err := explain(p.run(t.Context()), unreadable())
	if e := fault.As(err); e == nil || e.ID != "disk-full" || e.Kind != fault.Unavailable || !strings.Contains(strings.ToLower(e.Text), "disk is full") {
		t.Errorf("got %v", err)
	}
	if err := explain(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, nil); fault.As(err) == nil {
		t.Errorf("got %v", err)
	}
}

func TestProgramTellsTheEndOfItsErrors(t *testing.T) {
	t.Parallel()
	p := program{name: "ffmpeg", args: join(quiet, input(filepath.Join(t.TempDir(), "nothing-here")), []string{"-f", "null", "-"})}
	err := p.run(t.Context())
	var e *programError
	if !errors.As(err, &e) || !strings.Contains(e.tail, "No such file") {
		t.Errorf("got %v", err)
	}
	if err := (program{name: "no-such-program"}).run(t.Context()); err == nil {
		t.Error("a program that is not there ran")
	}
}

func TestProgramHasNoSecrets(t *testing.T) {
	t.Setenv("CUTROOM_DATABASE_URL", "postgres://secret")
	var seen string
	p := program{name: "env", stdout: func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			seen += lines.Text() + "\n"
		}
		return nil
	}}
	if err := p.run(t.Context()); err != nil || strings.Contains(seen, "secret") || !strings.Contains(seen, "PATH=") {
		t.Errorf("%v: %s", err, seen)
	}
}

func TestCutStopsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "long.mp4")
	ff(t, "-f", "lavfi", "-i", "testsrc2=d=60:s=640x360:r=30", "-f", "lavfi", "-i", "sine=d=60", "-c:v", "libx264", "-preset", "ultrafast", "-shortest", source)
	ctx, cancel := context.WithCancel(t.Context())
	out := filepath.Join(dir, "out.mp4")
	_, err := Cut(ctx, CutJob{Source: source, Kept: []Range{{0, 50_000}}, Duration: 60_000, Video: true, Audio: true, Out: out}, func(Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTailKeepsTheLastLines(t *testing.T) {
	t.Parallel()
	tail := &tailWriter{}
	for n := range 1000 {
		fmt.Fprintf(tail, "line %d %s\n", n, strings.Repeat("x", n))
	}
	fmt.Fprint(tail, "the rest")
	if s := tail.String(); len(s) > 401*(tailLines+1) || !strings.HasSuffix(s, "the rest") || !strings.Contains(s, "line 999") || strings.Contains(s, "line 900") {
		t.Errorf("%q", s)
	}
}
