package client

// ParseRow is parseRow.
var ParseRow = parseRow
