package views

import "time"

// Sample pages, rich enough that every part of a page shows.

var (
	sampleWho  = Who{ID: "amara", Name: "Amara Osei", Role: "editor"}
	sampleRosa = Who{ID: "rosa", Name: "Rosa Marín", Role: "operator"}
	sampleNow  = time.Now()
)

func samplePage() Page {
	return Page{Who: sampleWho, Host: "Nordfjord University", Path: "/"}
}

func day(d int) time.Time { return sampleNow.AddDate(0, 0, -d) }

func kept(pairs ...int64) []Range {
	var all []Range
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, Range{pairs[i] * 1000, pairs[i+1] * 1000})
	}
	return all
}

var sampleStrip = Strip{3_012_000, kept(84, 772, 790, 1180, 1180, 1468, 1747, 2935)}

func sampleRows() []RecordingRow {
	return []RecordingRow{
		{
			ID: "l5", Title: "Lecture 5: Eigenvalues and eigenvectors", Series: "Linear Algebra I", Date: day(2), Picture: "/picture/1", Strip: sampleStrip, State: "changed",
			At: day(6), MayEdit: true, Faces: []Face{{Name: "Jonas Weber", Color: 2, State: "active", Place: "cutting"}},
		},
		{ID: "l4", Title: "Lecture 4: Determinants", Series: "Linear Algebra I", Date: day(4), Picture: "/picture/2", Strip: Strip{Duration: 2_811_000}, State: "unedited", MayEdit: true},
		{
			ID: "q", Title: "Question hour before the mid-term", Series: "Linear Algebra I", Date: day(7), Picture: "/picture/3", Strip: Strip{4_300_000, kept(170, 2300, 2550, 4300)},
			State: "publishing", Progress: 0.62, Run: "r1", MayEdit: true,
		},
		{
			ID: "l3", Title: "Lecture 3: Linear maps", Series: "Linear Algebra I", Date: day(9), Picture: "/picture/4", Strip: Strip{2_950_000, kept(80, 1480, 1700, 2880)}, State: "published",
			At: day(8), MayEdit: true,
		},
		{
			ID: "l2", Title: "Lecture 2: Vector spaces", Series: "Linear Algebra I", Date: day(11), Picture: "/picture/5", Strip: Strip{2_790_000, kept(100, 2698)}, State: "published", At: day(11), MayEdit: true,
			Faces: []Face{{Name: "Lena Petrova", Color: 3, State: "idle"}},
		},
		{ID: "s", Title: "Seminar: Proofs without words", Series: "Proseminar Geometry", Date: day(14), Picture: "/picture/3", Strip: Strip{Duration: 2_600_000}, State: "failed", Run: "r2", MayEdit: true},
		{ID: "p", Title: "hoersaal-3_2026-11-19", Date: day(1), State: "processing", Progress: 0.4, MayEdit: true},
		{
			ID: "l1", Title: "Lecture 1: Systems of equations, with an unusually long title that wants more than a single line", Series: "Linear Algebra I", Date: day(16), Picture: "/picture/6",
			Strip: Strip{2_840_000, kept(90, 1200, 1400, 2780)}, State: "published", At: day(16),
		},
	}
}

func sampleRecordings() RecordingsPage {
	return RecordingsPage{
		Page: samplePage(), MayUpload: true, Counts: RecordingCounts{128, 3, 1, 1},
		List: RecordingList{Base: "/", Rows: sampleRows(), Next: "c2"},
	}
}

func sampleEvent() EventPage {
	row := sampleRows()[0]
	start := time.Date(2026, 11, 18, 10, 15, 0, 0, time.UTC)
	return EventPage{
		Page: samplePage(), Row: row, Creators: []string{"Amara Osei"}, SeriesID: "la1", Start: start, Published: 3_012_000, PublishAt: start, MayWatch: true, BinDays: 30,
		Details: Details{
			Action: "/events/l5/metadata", MayEdit: true, Title: row.Title, Description: "What a linear map leaves in place. Definition, characteristic polynomial, three examples and the first step towards diagonalisation.",
			Creators: []string{"Amara Osei", "Jonas Weber"}, SeriesID: "la1", Series: []Option{{"", "None"}, {"la1", "Linear Algebra I"}}, Language: "en", Start: start, End: start.Add(90 * time.Minute), Listed: true,
			Outcome: FieldOutcome{Field: "end", State: "error", Message: "The end lies before the start, 10:15.", Value: "2026-11-18T09:05", Was: "2026-11-18T11:45"},
		},
		Files: []File{
			{Flavor: "presenter/delivery", Kind: "video", Width: 1920, Height: 1080, Sound: true, Length: 3_012_000, Size: 1_400_000_000, Href: "/media/a"},
			{Flavor: "presentation/delivery", Kind: "video", Width: 1920, Height: 1080, Length: 3_012_000, Size: 310_000_000, Href: "/media/b"},
			{Flavor: "captions/delivery", Kind: "text", Language: "en", Machine: true, Length: 3_012_000, Size: 64_000, Href: "/media/c"},
			{Flavor: "oc/thumbnail", Kind: "image", Width: 1280, Height: 720, Size: 92_000, Href: "/media/d"},
		},
		Originals: []File{{Flavor: "presenter/source", Kind: "video", Width: 1920, Height: 1080, Sound: true, Length: 3_012_000, Size: 1_700_000_000, Href: "/media/e"}},
		ACL: ACL{Action: "/events/l5/acl", Page: "/events/l5", MayEdit: true, State: "confirm", Version: "v", Series: "Linear Algebra I", Words: sampleWords, Checked: ACLCheck{Typed: "lena", Sentences: sampleWords[2:3]}, Rows: []ACLRow{
			{Role: "ROLE_LA1_TEACHER", Text: "Linear Algebra I, teachers", May: "edit", Yours: "only"}, {Role: "ROLE_LA1_STUDENT", Text: "Linear Algebra I, students", May: "watch"},
			{Role: "ROLE_USER_AMARA", Text: "Amara Osei", May: "watch", You: true},
		}},
		History: []Happening{
			{Kind: "cut", Who: "Jonas", At: sampleNow.Add(-80 * time.Second), Length: 279_000}, {Kind: "cut", You: true, At: sampleNow.Add(-30 * time.Minute), Length: 84_000},
			{Kind: "publishFailed", At: day(1), Href: "/runs/r0"}, {Kind: "published", At: day(2), Length: 3_012_000, Took: 14 * time.Second, Href: "/runs/r1"},
			{Kind: "transcribed", At: day(2)}, {Kind: "uploaded", Who: "Amara Osei", At: day(2)},
		},
		Report: []ReportLine{{"title", "Taken from the file name."}, {"startTime", "Zone assumed: Europe/Berlin."}},
	}
}

func sampleRun() RunPage {
	at := sampleNow.Add(-26 * time.Second)
	return RunPage{
		Page: samplePage(), EventID: "l5", EventTitle: "Lecture 5: Eigenvalues and eigenvectors", Nth: 3,
		Run: RunProgress{
			ID: "r1", EventID: "l5", State: "running", Progress: 0.62, Left: 6000, Speed: 214, Node: "media-2", Strip: sampleStrip, Attempt: 2, LostNode: "media-1", LostAt: at, By: "Amara Osei",
			QueuedAt: at, StartedAt: at.Add(2 * time.Second), Rev: 214, MayCancel: true, LogMore: true,
			Steps: []Step{
				{Name: "wait", State: "done", Took: 2 * time.Second}, {Name: "inspect", State: "done", Took: time.Second, Message: "Presenter and slides, 1.7 GB"},
				{Name: "cut", State: "running", Progress: 0.62, Took: 8 * time.Second, Message: "Part 4 of 4"}, {Name: "joins", State: "waiting", Message: "6 joins"},
				{Name: "texts", State: "waiting"}, {Name: "swap", State: "waiting", Message: "Students keep watching the old one until this is done"},
			},
			Log: []LogLine{
				{at, "taken by media-2, attempt 2"}, {at, "pieces 1 to 5 are there already, not made again"}, {at.Add(time.Second), "encoding 3 frames before 19:40.000"},
				{at.Add(3 * time.Second), "copying 24:28.000 from source, 1 141 MB at 190 MB/s"}, {at.Add(5 * time.Second), "sound joined at 13:10.500, 5 ms fade"},
			},
		},
	}
}

func sampleRunFailed() RunPage {
	p := sampleRun()
	p.Run.State, p.Run.Error, p.Run.MayRetry, p.Run.MayCancel, p.Run.LostNode = "failed", "Source file is cut short at 31:07.", true, false, ""
	p.Run.Steps[2].State = "failed"
	return p
}

func sampleRunQueued() RunPage {
	p := sampleRun()
	p.Nth = 1
	p.Run = RunProgress{
		ID: "r3", EventID: "l5", State: "queued", Position: 2, WaitsBy: "Jonas", WaitsAt: sampleNow, Strip: sampleStrip, By: "Amara Osei", QueuedAt: sampleNow, Rev: 215, MayCancel: true,
		Steps: []Step{{Name: "wait", State: "running"}, {Name: "inspect", State: "waiting"}, {Name: "cut", State: "waiting"}},
	}
	return p
}

func sampleJobs() JobsPage {
	page := samplePage()
	page.Who, page.Theme = sampleRosa, "dark"
	row := func(title, kind, state string, p float64, step, node, by string, took time.Duration) JobRow {
		r := JobRow{ID: "r" + title[:4] + state, EventID: "e", Title: title, Kind: kind, State: state, Progress: p, Step: step, Node: node, By: by, StartedAt: sampleNow.Add(-time.Minute), Took: took}
		r.MayCancel = state == "running" || state == "queued"
		r.MayRetry = state == "failed"
		return r
	}
	rows := []JobRow{
		row("Lecture 5: Eigenvalues and eigenvectors", "publish", "running", 0.62, "cut", "media-2", "Amara Osei", 26*time.Second),
		row("Organic Chemistry 11: Aromatics", "publish", "running", 0.91, "joins", "media-1", "T. Lindqvist", 14*time.Second),
		row("Seminar Roman Law, session 6", "ingest", "running", 0.38, "sound", "media-3", "upload", 9*time.Second),
		row("Lecture 5: Eigenvalues and eigenvectors", "publish", "queued", 0, "", "", "Jonas Weber", 0),
		row("Thermodynamics 4: Entropy", "publish", "queued", 0, "", "", "N. Baptiste", 0),
		row("Introduction to Statistics 9", "publish", "failed", 0, "", "media-1", "K. Adeyemi", 4*time.Second),
		row("Macroeconomics II, lecture 8", "publish", "done", 1, "", "media-2", "Y. Tanaka", 12*time.Second),
		row("Genetics practical, week 3", "publish", "done", 1, "", "media-3", "F. Moreau", 22*time.Second),
	}
	rows[3].Behind, rows[4].Position, rows[5].Error = true, 2, "Source file is cut short at 31:07"
	rows[7].Attempt, rows[7].LostNode = 2, "media-1"
	return JobsPage{
		Page: page, Manages: true, Numbers: JobNumbers{3, 5, 1, 212, 41 * time.Second, 11 * time.Second, 38 * time.Second},
		List: JobList{Rows: rows, Next: "c"},
	}
}

func sampleWatch() WatchPage {
	page := samplePage()
	page.CourseURL = "https://lms.example/course/1"
	p := WatchPage{
		Page: page, ID: "l5", Title: "Lecture 5: Eigenvalues and eigenvectors", Creators: []string{"Amara Osei", "Jonas Weber"}, Series: "Linear Algebra I", Date: time.Date(2026, 11, 18, 10, 15, 0, 0, time.UTC),
		Description: "What a linear map leaves in place. Definition, characteristic polynomial, three examples and the first step towards diagonalisation.",
		Duration:    60_000, Published: true, MayEdit: true, Assets: []string{"a", "b"},
		Videos: []WatchVideo{
			{Href: "/video/presenter.mp4", Type: "video/mp4", Flavor: "presenter/delivery", Sound: true}, {Href: "/video/slides.mp4", Type: "video/mp4", Flavor: "presentation/delivery"},
		},
		Captions:  []WatchText{{Href: "/video/en.vtt", Language: "en", Machine: true}, {Href: "/video/en.vtt", Language: "de"}},
		Downloads: []Download{{File{Flavor: "presenter/delivery", Kind: "video", Size: 1_400_000_000, Href: "/media/a"}}},
	}
	for i, title := range []string{"Welcome", "What a matrix does", "Definition", "Example: a shear", "The characteristic polynomial", "Exercises"} {
		p.Chapters = append(p.Chapters, Chapter{At: int64(i) * 10_000, Title: title, Picture: "/picture/" + number(i+1)})
	}
	for i := range int64(20) {
		p.Lines = append(p.Lines, WatchLine{i * 3000, i*3000 + 2900, "So what stays on its line here? Look at the red arrow, number " + number(int(i)) + "."})
	}
	return p
}

func sampleSeriesList() SeriesListPage {
	return SeriesListPage{Page: samplePage(), MayCreate: true, Next: "n", Rows: []SeriesRow{
		{ID: "la1", Title: "Linear Algebra I", Creators: []string{"Amara Osei", "Jonas Weber"}, Recordings: 28, Modified: day(1), Picture: "/picture/1"},
		{ID: "geo", Title: "Proseminar Geometry", Creators: []string{"Lena Petrova"}, Recordings: 1, Modified: day(300), Picture: "/picture/3"},
		{ID: "new", Title: "Empty one", Modified: day(1)},
	}}
}

func sampleSeries() SeriesPage {
	e := sampleEvent()
	d := e.Details
	d.OfSeries, d.Title, d.Action, d.Outcome = true, "Linear Algebra I", "/series/la1/metadata", FieldOutcome{Field: "title", State: "saved", Was: "Linear Algebra I"}
	acl := e.ACL
	acl.ForNew, acl.State = true, "saved"
	return SeriesPage{Page: samplePage(), ID: "la1", Title: "Linear Algebra I", Creators: d.Creators, MayEdit: true, MayUpload: true, Details: d, ACL: acl, Count: 28, List: RecordingList{Base: "/series/la1", Series: "la1", Rows: sampleRows()[:3]}}
}

func sampleNodes() NodesPage {
	page := samplePage()
	page.Who = sampleRosa
	return NodesPage{Page: page, Self: "web-1", Nodes: []Node{
		{Name: "web-1", Pages: true, Version: "1.4.0", Started: day(3), Unseen: 2 * time.Second, People: 14, Leader: true},
		{Name: "media-1", Jobs: true, Version: "1.4.0", Started: day(3), Unseen: 32 * time.Second, Lost: true},
		{Name: "media-2", Jobs: true, Version: "1.4.0", Started: day(3), Unseen: 1 * time.Second, Work: []NodeWork{{Run: "r1", Title: "Lecture 5: Eigenvalues and eigenvectors", Progress: 0.62}}},
		{Name: "all-3", Pages: true, Jobs: true, Draining: true, Version: "1.3.2", Started: sampleNow.Add(-3 * time.Hour), Unseen: time.Second, People: 1},
	}}
}

func sampleSettings() SettingsPage {
	page := samplePage()
	page.Who.Role = "admin"
	return SettingsPage{Page: page, Mode: "together", Runs: "queue", BinDays: "30", Saved: true, MayEdit: true}
}
