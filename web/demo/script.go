package demo

// slide is one slide of the lecture: bullets appear one by one, each with the sentence that is spoken at that place.
type slide struct {
	title   string
	bullets []string
	spoken  []string // the first belongs to the title, the others to the bullets
	silence float64  // seconds of silence after the slide, beyond the pause that every slide ends with
}

// script is what is shown and said. The clumsy beginning, the long silence and the end are there to be cut out.
var script = []slide{
	{
		title:   "How rivers find the sea",
		bullets: []string{"Geography for everybody, lecture 4", "Please sit down, we begin in a moment"},
		spoken: []string{
			"Hello, hello, can you hear me at the back?",
			"One moment please, the projector is still warming up.",
			"There it is, so let us begin.",
		},
		silence: 4,
	},
	{
		title:   "What we look at today",
		bullets: []string{"Where a river begins", "Why it never runs straight", "What it leaves at the sea"},
		spoken: []string{
			"Today we follow a river, from the first drop of rain down to the sea.",
			"We start with the question where a river really begins.",
			"Then we ask why no river on this planet runs straight for long.",
			"And at the end we look at what it carries, and what it leaves behind.",
		},
	},
	{
		title:   "The catchment",
		bullets: []string{"All land that drains to one point", "Its border is the watershed", "Large rivers: millions of km²"},
		spoken: []string{
			"A river is more than its water, it is all the land that the water comes from.",
			"We call this land the catchment, and every drop that falls there ends in the same river.",
			"The border between two catchments is the watershed, often a ridge that you hardly notice.",
			"The catchment of the Amazon is almost as large as Australia.",
		},
	},
	{
		title:   "Springs and first streams",
		bullets: []string{"Rain sinks in until rock stops it", "Springs: where the water comes out", "Small streams join: a tree of rivers"},
		spoken: []string{
			"Most rain does not run off, it sinks into the ground.",
			"It goes on down until a layer of rock or clay will not let it through.",
			"Where this layer meets the slope of a valley, the water comes out as a spring.",
			"Small streams join larger ones, and on the map this looks like a tree.",
		},
		silence: 5,
	},
	{
		title:   "The long profile",
		bullets: []string{"Steep at first, flat at the end", "Speed stays almost the same", "Depth makes up for slope"},
		spoken: []string{
			"If you draw the height of the river bed from spring to mouth, you get a curve like this one.",
			"It is steep in the mountains and almost flat near the coast.",
			"You would think that the water gets slower and slower.",
			"In truth it does not, since a deep river loses less of its speed to its bed.",
		},
	},
	{
		title:   "Why rivers bend",
		bullets: []string{"The outer bank is worn away", "The inner bank grows", "Each bend gets larger by itself"},
		spoken: []string{
			"Now to the most beautiful part, the bends.",
			"On the outside of a bend the water is fast and takes the bank away, grain by grain.",
			"On the inside it is slow and lets the sand sink down.",
			"So every bend makes itself larger, until the river cuts through and leaves a lake.",
		},
	},
	{
		title:   "What a river carries",
		bullets: []string{"Stones roll, sand jumps, mud floats", "Most of it moves in a few days a year", "Dams keep it back"},
		spoken: []string{
			"A river carries more than water.",
			"Stones roll along the bed, sand jumps, and the finest mud floats all the way.",
			"Most of the load moves in only a few days of flood each year.",
			"Where we build a dam the load stays behind it, and the coast gets less than it loses.",
		},
	},
	{
		title:   "The delta",
		bullets: []string{"The current ends, the load sinks", "The mouth splits in many arms", "Waves and tides decide the shape"},
		spoken: []string{
			"At the sea the current ends, and all that was carried sinks to the ground.",
			"The river blocks its own way, so it splits and looks for a new one.",
			"That is how a delta grows, arm by arm.",
			"Strong waves make it smooth and round, strong tides pull it into long fingers.",
		},
	},
	{
		title:   "What to remember",
		bullets: []string{"A river is its catchment", "Bends grow by themselves", "A delta is a river that blocks itself"},
		spoken: []string{
			"Let me sum this up in three sentences.",
			"A river is all the land that it drains.",
			"Its bends grow by themselves, without any plan.",
			"And a delta is a river that stands in its own way.",
		},
	},
	{
		title:   "Thank you",
		bullets: []string{"Next week: lakes", "Questions?"},
		spoken: []string{
			"Thank you for listening, and see you next week.",
			"We will talk about lakes then, which are rivers that take a break.",
			"Does anybody know how to switch this microphone off?",
		},
		silence: 3,
	},
}
