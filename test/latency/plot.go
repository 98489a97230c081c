package main

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
)

// The plot's measures, in pixels.
const (
	plotWidth, plotHeight             = 860, 520
	plotLeft, plotTop                 = 80, 30
	plotRight, plotBottom             = 260, 60
	plotShortest, plotLongest         = 100 * time.Nanosecond, 10 * time.Second
	plotInnerWidth                    = plotWidth - plotLeft - plotRight
	plotInnerHeight                   = plotHeight - plotTop - plotBottom
	plotNinesMax              float64 = 6 // 99.9999 %
)

var plotColours = []string{"#555555", "#aaaaaa", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#d62728"}

// across gives where a share of all writes is: each nine takes the same room.
func across(p float64) float64 {
	nines := plotNinesMax
	if p < 1 {
		nines = min(plotNinesMax, -math.Log10(1-p))
	}
	return plotLeft + nines/plotNinesMax*plotInnerWidth
}

// up gives where a duration is: each power of ten takes the same room.
func up(d time.Duration) float64 {
	share := math.Log(float64(max(d, plotShortest))/float64(plotShortest)) / math.Log(float64(plotLongest)/float64(plotShortest))
	return plotTop + (1-min(1, share))*plotInnerHeight
}

// plot draws the percentiles of all scenarios, both axes logarithmic.
func plot(all []measured) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n")
	axes(&b)
	for i, m := range all {
		colour := plotColours[i%len(plotColours)]
		var points []string
		for nines := 0.0; nines <= plotNinesMax; nines += 0.05 {
			p := 1 - math.Pow(10, -nines)
			if float64(m.histogram.N)*(1-p) < 1 {
				break // fewer were measured than this says anything about
			}
			points = append(points, fmt.Sprintf("%.1f,%.1f", across(p), up(m.histogram.at(p))))
		}
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>`+"\n", colour, strings.Join(points, " "))
		y := plotTop + 20*i + 10
		fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="3"/>`, plotWidth-plotRight+15, y, plotWidth-plotRight+40, y, colour)
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", plotWidth-plotRight+46, y+4, html.EscapeString(m.name))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// axes draws the grid and its labels, and the goal.
func axes(b *strings.Builder) {
	for d := plotShortest; d <= plotLongest; d *= 10 {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#dddddd"/>`, plotLeft, plotLeft+plotInnerWidth, up(d), up(d))
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", plotLeft-6, up(d)+4, spoken(d))
	}
	for _, p := range []float64{0, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999} {
		fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#dddddd"/>`, across(p), across(p), plotTop, plotTop+plotInnerHeight)
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%v</text>`+"\n", across(p), plotTop+plotInnerHeight+18, math.Round(p*1e6)/1e4)
	}
	fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#cc0000" stroke-dasharray="5 4"/>`+"\n", plotLeft, plotLeft+plotInnerWidth, up(goal), up(goal))
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">percent of the writes took at most this long (dashed: %s)</text>`+"\n",
		plotLeft+plotInnerWidth/2, plotHeight-15, spoken(goal))
}

// spoken writes 100 ns, 20 µs, 1 ms, 1 s.
func spoken(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= u.unit {
			return fmt.Sprintf("%d %s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d ns", d)
}
