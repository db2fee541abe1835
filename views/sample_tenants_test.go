package views

import "time"

func sampleTenants() TenantsPage {
	page := samplePage()
	page.Who = sampleRosa
	return TenantsPage{Page: page, Rows: []TenantRow{
		{ID: "hs-nord", Name: "Hochschule Nord", Host: "cutroom.hs-nord.example", Modules: 5, Recordings: 12_041, Install: "i1"},
		{ID: "demo", Name: "Nordfjord University", Host: "cutroom.nordfjord.example", Modules: 4, Recordings: 128},
	}}
}

func sampleInstall() InstallJob {
	return InstallJob{
		ID: "i1", State: "running", By: "Rosa Marín", Node: "media-1", Started: sampleNow.Add(-41 * time.Second), MayAbort: true, Modules: []InstallStep{
			{Module: "cutroom-core 1.4.0", From: "1.3.2", State: "done", Note: "6 migrations", Took: 4 * time.Second},
			{Module: "transcriber 3.2.1", State: "running", Note: "its service prepares the tenant: downloads the German model", Progress: 0.48, Took: 37 * time.Second},
			{Module: "cutroom-search 1.4.0", From: "1.3.2", State: "waiting", Note: "needs cutroom-core"},
		},
	}
}

func sampleTenant() TenantPage {
	list, job := sampleTenants(), sampleInstall()
	return TenantPage{
		Page: list.Page, Tenant: list.Rows[0], Running: &job, Stop: true, Chosen: "opencast-events", Offers: []Option{{"opencast-events", "opencast-events"}, {"transcriber", "transcriber"}},
		Preview: []string{"Enable opencast-events 2.1.0", "Upgrade cutroom-opencast 0.9.2 to 1.0.0, which it needs"},
		Modules: []TenantModule{
			{"cutroom-core", "1.4.0", "", "enabled"}, {"cutroom-editor", "1.3.2", "1.4.0", "enabled"}, {"cutroom-lti", "1.3.0", "", "waits"}, {"transcriber", "", "", "installing"},
		},
		History: []InstallJob{{ID: "i0", State: "error", Started: day(12), Ended: day(12).Add(9 * time.Second), Modules: make([]InstallStep, 1)}},
	}
}

func sampleInstallPage() InstallPage {
	t := sampleTenant()
	job := sampleInstall()
	job.State, job.Upgrade = "error", true
	job.Modules[1].State = "error"
	job.Modules[1].Errors = []string{"POST request for transcriber-3.2.1 /_/tenant failed with 403: not allowed"}
	return InstallPage{Page: t.Page, Tenant: t.Tenant, Job: job}
}
