package views

import "time"

func operatorPage() Page {
	page := samplePage()
	page.Who = sampleRosa
	return page
}

func sampleTenants() TenantsPage {
	return TenantsPage{
		Page: operatorPage(), Counts: TenantCounts{All: 143, Upgradable: 64, Installing: 1, Deleting: 1},
		List: TenantList{Next: "c2", Rows: []TenantRow{
			{ID: "hsnord", Name: "Hochschule Nord", Hosts: []string{"cutroom.hs-nord.example", "video.hs-nord.example"}, Modules: 5, Newer: 2, Recordings: 12_041, Install: "i1", Upgrade: true, Done: 2, Total: 4},
			{ID: "nordfjord", Name: "Nordfjord University", Hosts: []string{"cutroom.nordfjord.example"}, Modules: 4, Recordings: 128},
			{ID: "kunst", Name: "Akademie der Künste, Abteilung für Bild und Ton in der Lehre", Hosts: nil, Modules: 6, Newer: 3, Recordings: 1_893},
			{ID: "probe", Name: "Probe", Modules: 0, Recordings: 0},
			{ID: "alt", Name: "Alte Musikschule", Hosts: []string{"cutroom.alt.example"}, Modules: 4, Recordings: -1, Deleting: true},
		}},
	}
}

func sampleTenantsMany() TenantsPage {
	p := sampleTenants()
	b := sampleUpgrade().Batch
	p.Counts, p.Upgrade = TenantCounts{All: 10_000, Upgradable: 9_204, Installing: 4}, &b
	p.Notice = "Alte Musikschule is being deleted."
	return p
}

func sampleTenantsRefused() TenantsPage {
	return TenantsPage{Page: operatorPage(), New: TenantForm{ID: "HS Nord", Name: "Hochschule Nord", Hosts: "cutroom.hs-nord.example", Errors: map[string]string{
		"id": "Use lower-case letters and digits, a letter first.", "hosts": "The host name “cutroom.hs-nord.example” is taken or has signs that a host name cannot have.",
	}}}
}

func sampleInstall() InstallJob {
	return InstallJob{
		ID: "0d9b2c5e-7a55-4a6e-9d0b-5b0f5c1f2a01", State: "running", By: "Rosa Marín", Node: "media-1", Attempt: 1, Started: sampleNow.Add(-41 * time.Second), MayAbort: true, Modules: []InstallStep{
			{Module: "cutroom-core 1.4.0", From: "1.3.2", Action: "enable", State: "done", Stage: "done", Took: 4 * time.Second},
			{Module: "transcriber 3.2.1", Action: "enable", State: "running", Stage: "invoke", Took: 37 * time.Second},
			{Module: "cutroom-search 1.4.0", From: "1.3.2", Action: "enable", State: "waiting", Stage: "pending"},
			{Module: "cutroom-lti 1.4.0", From: "1.3.0", Action: "enable", State: "waiting", Stage: "pending"},
		},
	}
}

func sampleTenant() TenantPage {
	job := sampleInstall()
	next := InstallJob{ID: "i2", State: "queued", Behind: true, By: "Olga Brandt", Started: sampleNow.Add(-9 * time.Second), MayAbort: true, Modules: []InstallStep{{Module: "opencast-events 2.1.0", Action: "enable", State: "waiting"}}}
	row := TenantRow{ID: "hsnord", Name: "Hochschule Nord", Hosts: []string{"cutroom.hs-nord.example"}, Modules: 6, Recordings: 1_204}
	return TenantPage{
		Page: operatorPage(), Tenant: row, Parent: "hsnord.cutroom.example", Jobs: []InstallJob{job, next},
		Modules: []TenantModule{
			{Name: "cutroom-core", Version: "1.4.0", State: "enabled", BuiltIn: true}, {Name: "cutroom-editor", Version: "1.3.2", Newer: "1.4.0", State: "enabled", BuiltIn: true},
			{Name: "cutroom-lti", Version: "1.3.0", State: "waits", BuiltIn: true}, {Name: "cutroom-opencast", Version: "0.9.2", Newer: "1.0.0", State: "enabled"},
			{Name: "cutroom-search", Version: "1.3.2", State: "off"}, {Name: "transcriber", State: "installing"},
		},
		Form: InstallForm{
			Stop: true, Parallel: "1", Chosen: []string{"opencast-events"}, Asked: true,
			Offers: []ModuleOffer{{"cutroom-opencast", "1.0.0", "0.9.2"}, {"lms-connector", "4.0.2", ""}, {"opencast-events", "2.1.0", ""}},
			Preview: []PreviewLine{
				{Action: "enable", Module: "cutroom-opencast", Version: "1.0.0", From: "0.9.2", Added: true}, {Action: "enable", Module: "opencast-events", Version: "2.1.0"},
			},
		},
		History: []InstallJob{
			{ID: "h3", Upgrade: true, State: "done", By: "Rosa Marín", Started: day(12), Ended: day(12).Add(58 * time.Second), Modules: make([]InstallStep, 5)},
			{ID: "h2", State: "error", By: "Olga Brandt", Started: day(11), Ended: day(11).Add(9 * time.Second), Modules: []InstallStep{{Module: "transcriber 3.2.0", Action: "enable"}}},
			{ID: "h1", State: "aborted", By: "Olga Brandt", Started: day(11), Ended: day(11).Add(700 * time.Millisecond), Modules: make([]InstallStep, 2)},
			{ID: "h0", State: "done", By: "Rosa Marín", Started: day(2), Ended: day(2).Add(3 * time.Second), Modules: []InstallStep{{Module: "cutroom-lti 1.3.0", Action: "disable"}}},
		},
		More: true, Details: TenantForm{Name: "Hochschule Nord", Description: "Engineering and economics", Hosts: "cutroom.hs-nord.example"},
	}
}

// sampleTenantNew is a tenant that nothing was done to yet.
func sampleTenantNew() TenantPage {
	p := sampleTenant()
	p.Jobs, p.Modules, p.History, p.Notice = nil, nil, nil, "Hochschule Nord is there."
	p.Form = InstallForm{Stop: true, Parallel: "0", Field: "parallel", Error: "Use a whole number from 1 to 50.", Offers: p.Form.Offers}
	return p
}

func sampleTenantDisable() TenantPage {
	p := sampleTenant()
	p.Jobs = nil
	p.Form = InstallForm{Do: "disable", Chosen: []string{"cutroom-search-1.3.2"}, Asked: true, Preview: []PreviewLine{
		{Action: "disable", Module: "opencast-events", Version: "2.1.0", Added: true}, {Action: "disable", Module: "cutroom-search", Version: "1.3.2"},
	}}
	return p
}

func sampleTenantDelete() TenantDeletePage {
	t := sampleTenant()
	return TenantDeletePage{Page: t.Page, Tenant: t.Tenant, People: 312, Typed: "Hochschule", Error: "This is not its name. Nothing was deleted.", Running: true}
}

func sampleInstallPage() InstallPage {
	t := sampleTenant()
	job := sampleInstall()
	job.State, job.Upgrade, job.MayRetry, job.Attempt, job.LostNode = "error", true, true, 2, "media-3"
	job.Ended, job.Options, job.Batch = job.Started.Add(39*time.Second), []string{"2 modules at once", "clears old data first"}, "b1"
	job.Modules[1].State = "error"
	job.Modules[1].Errors = []string{"POST request for transcriber-3.2.1 /_/tenant failed with 403: {\n  \"errors\": [\n    { \"message\": \"not allowed for hsnord\", \"code\": \"E17\" }\n  ]\n}"}
	job.Modules[1].Warnings = []string{"The German model is 3 months old."}
	job.Modules[2].State, job.Modules[3].State = "aborted", "aborted"
	return InstallPage{Page: t.Page, Tenant: t.Tenant, Operates: true, Job: job}
}

// sampleInstallRead is what a tenant's admin sees.
func sampleInstallRead() InstallPage {
	job := sampleInstall()
	job.MayAbort = false
	page := samplePage()
	return InstallPage{Page: page, Tenant: TenantRow{ID: "hsnord", Name: "Hochschule Nord"}, Job: job}
}

func sampleUpgrade() UpgradePage {
	return UpgradePage{Page: operatorPage(), Batch: UpgradeBatch{
		ID: "b1", By: "Rosa Marín", Started: sampleNow.Add(-3 * time.Minute), Most: 4, MayAbort: true, Counts: UpgradeCounts{Waiting: 52, Running: 3, Done: 41, Same: 2, Failed: 2},
		Rows: []UpgradeRow{
			{Tenant: "hsnord", Name: "Hochschule Nord", State: "running", Install: "i1", Done: 2, Total: 4, Took: 41 * time.Second},
			{Tenant: "kunst", Name: "Akademie der Künste", State: "running", Install: "i2", Done: 0, Total: 3, Took: 4 * time.Second},
			{Tenant: "probe", Name: "Probe", State: "error", Install: "i3", Error: "POST request for transcriber-3.2.1 /_/tenant failed with 403: not allowed", Took: 2 * time.Second},
			{Tenant: "west", Name: "Westhochschule", State: "waiting"}, {Tenant: "nordfjord", Name: "Nordfjord University", State: "same"},
			{Tenant: "ost", Name: "Osthochschule", State: "done", Install: "i4", Done: 3, Total: 3, Took: 12 * time.Second},
		},
	}}
}

func sampleNewUpgrade() NewUpgradePage {
	return NewUpgradePage{Page: operatorPage(), IDs: []string{"hsnord", "kunst"}, Tenants: 64, Most: "80", Error: "Use a whole number from 1 to 50.", Changes: []UpgradeChange{
		{"cutroom-core", "1.3.2", "1.4.0", 60}, {"cutroom-editor", "1.3.2", "1.4.0", 64}, {"transcriber", "3.1.0", "3.2.1", 12},
	}}
}
