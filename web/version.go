package main

// commit is set by make: the short name of the commit that the program was built from.
var commit = "devel"

// version tells nodes of different builds apart.
func version() string { return commit }
