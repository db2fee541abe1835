package install

import (
	"net/http"
	"strings"
	"testing"

	"cutroom/internal/fault"
	"cutroom/internal/install/stubmodule"
	"cutroom/internal/module"
)

func TestInstallCallsProvidersFirstAndWritesEachStep(t *testing.T) {
	b := setup(t)
	b.chain()
	j := b.submit(enable("c-1.0.0"), nil)
	if j.State != Dispatched || j.ID == "" {
		t.Fatalf("%+v", j)
	}
	wantJob(t, b.reload(j.ID), "dispatched", "enable a-1.0.0 pending", "enable b-1.0.0 pending", "enable c-1.0.0 pending")
	river := b.riverJob(j.ID)
	done := b.finish(j.ID)
	wantJob(t, done, "done", "enable a-1.0.0 done done", "enable b-1.0.0 done done", "enable c-1.0.0 done done")
	b.wantTold("enable a-1.0.0, enable b-1.0.0, enable c-1.0.0")
	b.wantHas("a-1.0.0 b-1.0.0 c-1.0.0")
	if state := b.riverState(river); state != "completed" {
		t.Fatal("the River job is", state)
	}
	for _, m := range done.Modules {
		if m.Started == nil || m.Ended == nil || m.Ended.Before(*m.Started) || m.Ended.After(*done.Ended) {
			t.Fatalf("%+v", m)
		}
	}
	if h := b.service.Told()[0].Header; h.Get("X-Okapi-Tenant") != string(demo) || !strings.HasPrefix(h.Get("X-Okapi-Request-Id"), "7;") {
		t.Fatal(h)
	}
	again := b.do(enable("c-1.0.0"), nil)
	wantJob(t, again, "done", "uptodate c-1.0.0 done done")
}

func TestDisableGoesTheOtherWayRound(t *testing.T) {
	b := setup(t)
	b.chain()
	b.do(enable("c-1.0.0"), nil)
	j := b.do(disable("a-1.0.0"), func(o *Options) { o.Purge = true })
	wantJob(t, j, "done", "disable c-1.0.0 done done", "disable b-1.0.0 done done", "disable a-1.0.0 done done")
	b.wantTold("enable a-1.0.0, enable b-1.0.0, enable c-1.0.0, purge c-1.0.0, purge b-1.0.0, purge a-1.0.0")
	b.wantHas("")
}

func TestPurgeAppliesToEveryModuleThatIsEnabled(t *testing.T) {
	b := setup(t)
	b.chain()
	b.service.Plan("a", stubmodule.Plan{PurgeStatus: 500})
	j := b.do(enable("b-1.0.0"), func(o *Options) { o.Purge = true })
	wantJob(t, j, "done", "enable a-1.0.0 done done", "enable b-1.0.0 done done")
	b.wantTold("purge a-1.0.0, enable a-1.0.0, purge b-1.0.0, enable b-1.0.0")
}

func TestUpgradeTellsFromWhere(t *testing.T) {
	b := setup(t)
	b.chain()
	b.do(enable("b-1.0.0"), nil)
	b.module("a-1.1.0", []string{"ia 1.1"}, nil)
	made, err := b.Upgrade(t.Context(), b.olga, demo, Defaults(), http.Header{})
	if err != nil || made.Kind != Upgrade {
		t.Fatal(made, err)
	}
	j := b.finish(made.ID)
	wantJob(t, j, "done", "enable a-1.1.0 done done")
	if j.Modules[0].From != "a-1.0.0" {
		t.Fatalf("%+v", j.Modules[0])
	}
	b.wantTold("enable a-1.0.0, enable b-1.0.0, enable a-1.1.0 from a-1.0.0")
	b.wantHas("a-1.1.0 b-1.0.0")
	for kind, want := range map[Kind]int{"": 2, Install: 1, Upgrade: 1} {
		if list, err := b.List(t.Context(), b.olga, demo, kind); err != nil || len(list) != want {
			t.Fatal(kind, len(list), err)
		}
	}
}

func TestReinstallCallsAgain(t *testing.T) {
	b := setup(t)
	b.chain()
	b.do(enable("a-1.0.0"), nil)
	b.do(enable("a-1.0.0"), func(o *Options) { o.Reinstall = true })
	if b.service.Initialised("a-1.0.0") != 2 {
		t.Fatal(b.told())
	}
	b.wantHas("a-1.0.0")
}

func TestAFailureEndsTheInstall(t *testing.T) {
	b := setup(t)
	b.chain()
	b.service.Plan("b", stubmodule.Plan{Status: 403, Body: "no room"})
	j := b.do(enable("c-1.0.0"), nil)
	message := "POST request for b-1.0.0 /_/tenant failed with 403: no room"
	wantJob(t, j, "error", "enable a-1.0.0 done done", "enable b-1.0.0 invoke error: "+message, "enable c-1.0.0 pending")
	if j.Failure() != message || len(j.Modules[1].Errors) != 1 || j.Modules[1].Errors[0].Message != message {
		t.Fatalf("%q %+v", j.Failure(), j.Modules[1].Errors)
	}
	b.wantHas("a-1.0.0")
	// What was done stays, and a second call does the rest.
	b.service.Plan("b", stubmodule.Plan{})
	wantJob(t, b.do(enable("c-1.0.0"), nil), "done", "enable b-1.0.0 done done", "enable c-1.0.0 done done")
}

func TestIgnoredErrorsEndDependantsAlone(t *testing.T) {
	b := setup(t)
	b.chain()
	b.apart("z-1.0.0")
	b.service.Plan("a", stubmodule.Plan{Async: true, JobError: "broken", Messages: []string{"line"}})
	j := b.do(enable("a-1.0.0", "b-1.0.0", "c-1.0.0", "z-1.0.0"), func(o *Options) { o.IgnoreErrors = true })
	wantJob(t, j, "error", "enable a-1.0.0 invoke error: Tenant operation failed for module a-1.0.0: broken\nline",
		"enable b-1.0.0 pending error: Not done, because a-1.0.0 before it failed",
		"enable c-1.0.0 pending error: Not done, because b-1.0.0 before it failed", "enable z-1.0.0 done done")
	if j.Failure() != "" {
		t.Fatal(j.Failure())
	}
	for _, m := range j.Modules[1:3] {
		if m.Started != nil || m.Ended == nil {
			t.Errorf("%s never began: %+v", m.ID, m)
		}
	}
	b.wantHas("z-1.0.0")
}

// What a module only uses if it is there may fail: it waits for its end, and goes on.
func TestIgnoredErrorsOfWhatIsOptional(t *testing.T) {
	b := setup(t)
	b.module("a-1.0.0", []string{"ia 1.0"}, nil)
	b.optional("u-1.0.0", "ia 1.0")
	b.service.Plan("a", stubmodule.Plan{Async: true, JobError: "broken"})
	j := b.do(enable("a-1.0.0", "u-1.0.0"), func(o *Options) { o.IgnoreErrors, o.Parallel = true, 2 })
	wantJob(t, j, "error", "enable a-1.0.0 invoke error: Tenant operation failed for module a-1.0.0: broken", "enable u-1.0.0 done done")
	b.wantHas("u-1.0.0")
}

func TestInvokeChoosesWhoIsCalled(t *testing.T) {
	for invoke, told := range map[string]string{"false": "", "true": "enable a-1.0.0, enable b-1.0.0", "b-.*": "enable b-1.0.0", "b": ""} {
		t.Run(invoke, func(t *testing.T) {
			b := setup(t)
			b.chain()
			j := b.do(enable("b-1.0.0"), func(o *Options) { o.Invoke = invoke })
			wantJob(t, j, "done", "enable a-1.0.0 done done", "enable b-1.0.0 done done")
			b.wantTold(told)
			b.wantHas("a-1.0.0 b-1.0.0")
		})
	}
}

func TestAModuleWithoutInstance(t *testing.T) {
	b := setup(t)
	b.chain()
	if _, err := b.RemoveInstances(t.Context(), b.olga, "a-1.0.0", "a-1.0.0"); err != nil {
		t.Fatal(err)
	}
	j := b.do(enable("b-1.0.0"), nil)
	wantJob(t, j, "error", "enable a-1.0.0 invoke error: No running instances for module a-1.0.0. Can not invoke /_/tenant", "enable b-1.0.0 pending")
	j = b.do(enable("b-1.0.0"), func(o *Options) { o.Deploy, o.IgnoreErrors = true, true })
	wantJob(t, j, "error", "enable a-1.0.0 deploy error: Module a-1.0.0 has no launchDescriptor", "enable b-1.0.0 deploy")
	if j.Failure() != "Module a-1.0.0 has no launchDescriptor" {
		t.Fatal(j.Failure())
	}
	if _, err := b.AddInstance(t.Context(), b.olga, Instance{Module: "a-1.0.0", URL: b.service.URL}); err != nil {
		t.Fatal(err)
	}
	j = b.do(enable("b-1.0.0"), func(o *Options) { o.Deploy = true })
	wantJob(t, j, "done", "enable a-1.0.0 done done", "enable b-1.0.0 done done")
}

func TestBuiltInModules(t *testing.T) {
	b := setup(t)
	off := func() string {
		t.Helper()
		found, err := b.DB.Find(t.Context(), demo)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, p := range []string{Core, Editor} {
			if !found.Has(p) {
				text += p + " "
			}
		}
		return text
	}
	if off() != "" || b.has() != "" {
		t.Fatal(off(), b.has())
	}
	j := b.do(enable(Editor), nil)
	wantJob(t, j, "done", "enable cutroom-core-1.0.0 done done", "enable cutroom-editor-1.0.0 done done")
	b.wantHas("cutroom-core-1.0.0 cutroom-editor-1.0.0")
	j = b.do(disable(Editor), func(o *Options) { o.Purge = true })
	wantJob(t, j, "error", "disable cutroom-editor-1.0.0 pending error: "+purgeRefused("cutroom-editor-1.0.0"))
	if off() != "" {
		t.Fatal(off())
	}
	b.do(disable(Editor), nil)
	b.wantHas("cutroom-core-1.0.0")
	if off() != Editor+" " {
		t.Fatal(off())
	}
	b.do(enable(Editor), nil)
	if off() != "" {
		t.Fatal(off())
	}
	b.do(disable(Core), nil)
	if b.wantHas(""); off() != Core+" "+Editor+" " {
		t.Fatal(off())
	}
	if err := b.EnableBuiltins(t.Context(), demo); err != nil || off() != "" {
		t.Fatal(err, off())
	}
}

func TestSimulateWritesNothing(t *testing.T) {
	b := setup(t)
	b.chain()
	o := Defaults()
	o.Simulate, o.Async = true, true
	j, err := b.Install(t.Context(), b.olga, demo, enable("b-1.0.0"), o, nil)
	if err != nil || j.ID != "" || len(j.Modules) != 2 || j.Modules[0].ID != "a-1.0.0" {
		t.Fatalf("%+v %v", j, err)
	}
	if list, err := b.List(t.Context(), b.olga, demo, ""); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
}

func TestRefusals(t *testing.T) {
	b := setup(t)
	b.module("b-1.0.0", nil, []string{"ia 1.0"})
	try := func(wanted []module.TenantModule, change func(*Options)) error {
		o := Defaults()
		if change != nil {
			change(&o)
		}
		_, err := b.Install(t.Context(), b.olga, demo, wanted, o, nil)
		return err
	}
	for text, err := range map[string]error{
		"interface ia required by module b-1.0.0 not found":                                       try(enable("b-1.0.0"), func(o *Options) { o.Async = true }),
		"parallel must be 1 or higher":                                                            try(nil, func(o *Options) { o.Parallel = 0 }),
		"Install Option parallel can not be greater than 1 when Install Option depCheck is false": try(nil, func(o *Options) { o.Parallel, o.DepCheck = 2, false }),
		"invalid regular expression for invoke: (":                                                try(nil, func(o *Options) { o.Invoke = "(" }),
	} {
		wantKind(t, err, fault.Malformed, text)
	}
	wantKind(t, try(enable(""), nil), fault.Malformed, "")
	_, err := b.Install(t.Context(), b.olga, "nowhere", enable("b-1.0.0"), Defaults(), nil)
	wantKind(t, err, fault.NotFound, "nowhere")
	if list, err := b.List(t.Context(), b.olga, demo, ""); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
}

func TestAnEmptyInstallIsDone(t *testing.T) {
	b := setup(t)
	if j := b.do(nil, nil); j.State != Done || len(j.Modules) != 0 {
		t.Fatalf("%+v", j)
	}
}
