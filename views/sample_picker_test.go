package views

func framedPage() Page {
	p := samplePage()
	p.Framed, p.CourseURL = true, "https://lms.example/course/1"
	return p
}

func samplePicker() PickerPage {
	return PickerPage{
		Page: framedPage(), Launch: "L1", Course: "Linear Algebra I", Platform: "Nordfjord Moodle", Takes: true, Several: true, Places: true, MayUpload: true,
		List:  RecordingList{Base: PickerPath, Launch: "L1", Rows: sampleRows(), Next: "c2"},
		Error: "Nothing was added yet. Correct what is marked.",
		Picked: []Picked{
			{ID: "l5", Name: "Lecture 5: Eigenvalues and eigenvectors", Title: "Eigenvalues, from the second example on", View: "watch", Start: "17:54", Place: "iframe", MayEdit: true, Seen: true, Hidden: true, Share: true, Length: 3_012_000},
			{ID: "l4", Name: "Lecture 4: Determinants", Title: "Lecture 4: Determinants", View: "watch", Start: "1:30:00", Place: "window", Length: 2_811_000, Hidden: true, Errors: map[string]string{"start": "Type a time like 17:54, at most 46:51."}},
		},
	}
}
