package server

import "github.com/loglake/loglake/state"

// Migrations are those of every package that has tables.
func Migrations() []state.Migration { return migrations() }
