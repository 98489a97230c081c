package main

import (
	"fmt"
	"strings"

	"github.com/loglake/loglake/client"
)

// What Athena bills a query by: whole MB of what it scanned, and no fewer than these. A TB is 2^20 MB.
const (
	billedMB    = 1 << 20
	billedMBMin = 10
	billedTB    = 1 << 20 // in MB
)

// dollars is what AWS would bill for a query over so many bytes, at a price per TB.
func dollars(scanned int64, price float64) float64 {
	mb := max(billedMBMin, (scanned+billedMB-1)/billedMB)
	return float64(mb) * price / billedTB
}

// costs words dollars, with the price they are at.
func costs(scanned int64, price float64) string {
	d, digits := dollars(scanned, price), 2
	if d < 1 {
		digits = 6
	}
	text := fmt.Sprintf("$%.*f at $%g per TB", digits, d, price)
	if scanned < billedMBMin*billedMB {
		text += " (10 MB at least)"
	}
	return text
}

// exactly writes a number of bytes for people, and as it is where that says less.
func exactly(bytes int64) string {
	if bytes < 1000 {
		return size(bytes)
	}
	return fmt.Sprintf("%s (%s bytes)", size(bytes), grouped(bytes))
}

// footer is the line below a result. AWS bills nothing for what is no DML.
func footer(s client.QueryStatistics, price float64) string {
	rows := grouped(s.Rows) + " rows"
	if s.Rows == 1 {
		rows = "1 row"
	}
	took := fmt.Sprintf("%.2f s (%.2f s in the queue)", float64(s.TotalMillis)/1000, float64(s.QueueMillis)/1000)
	if s.Statement != "DML" {
		return rows + ", " + took
	}
	return fmt.Sprintf("%s, scanned %s, %s, %s", rows, exactly(s.ScannedBytes), costs(s.ScannedBytes, price), took)
}

// markWidth is how much of a long line is shown around the place of an error.
const markWidth = 100

// mark gives the line of the statement that an error is about with a caret under its place; "" where it has none.
func mark(sql string, e *client.QueryError) string {
	lines := strings.Split(sql, "\n")
	if e.Line < 1 || e.Line > len(lines) || e.Column < 1 {
		return ""
	}
	line := []rune(printable(strings.TrimSuffix(lines[e.Line-1], "\r")))
	at := min(e.Column-1, len(line))
	before, behind := line[:at], line[at:]
	if cut := len(before) - markWidth/2; cut > 0 && len(line) > markWidth {
		before = append([]rune("…"), before[cut:]...)
	}
	if room := markWidth - len(before); len(behind) > room {
		behind = append(append([]rune{}, behind[:room]...), '…')
	}
	place := fmt.Sprintf("  %d | ", e.Line)
	return fmt.Sprintf("%s%s%s\n%s^\n", place, string(before), string(behind), strings.Repeat(" ", len(place)+textWidth(string(before))))
}

// foreign is a text of the server's for the terminal. It may quote a log line, which strangers write: its further lines are
// set in, so that none of them passes for one of ours.
func foreign(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n  ")
}
