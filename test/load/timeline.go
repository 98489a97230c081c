package main

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// The measures of the plot, in pixels: one panel below the other, each with a scale of its own that begins at 0.
const (
	lineWidth, panelHeight, panelGap  = 860, 110, 26
	lineLeft, lineRight               = 70, 210
	lineTop, lineBottom, linePointMax = 20, 36, 1200
)

var lineColours = []string{"#1f77b4", "#2ca02c", "#d62728", "#9467bd"}

// timeline draws the samples of a soak as SVG.
func timeline(m *meter) string {
	var b strings.Builder
	height := lineTop + panels*(panelHeight+panelGap) + lineBottom
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", lineWidth, height)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	for p := range panels {
		panel(&b, m, p)
	}
	last := m.at[len(m.at)-1]
	for i := range 6 {
		x := lineLeft + float64(i)/5*(lineWidth-lineLeft-lineRight)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%.0f s</text>`+"\n", x, height-lineBottom+4, last.Seconds()*float64(i)/5)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// panel draws the gauges of one panel.
func panel(b *strings.Builder, m *meter, p int) {
	top := float64(lineTop + p*(panelHeight+panelGap))
	most := 1.0
	for i, g := range gauges {
		if g.panel == p {
			most = max(most, slices.Max(m.samples[i])/g.unit)
		}
	}
	most *= 1.05
	for i := range 3 {
		y := top + panelHeight*float64(i)/2
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#dddddd"/>`, lineLeft, lineWidth-lineRight, y, y)
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">%.4g</text>`+"\n", lineLeft-6, y+4, most*float64(2-i)/2)
	}
	row := 0
	for i, g := range gauges {
		if g.panel != p {
			continue
		}
		colour := lineColours[row%len(lineColours)]
		var points []string
		step := max(1, len(m.at)/linePointMax)
		for k := 0; k < len(m.at); k += step {
			x := lineLeft + m.at[k].Seconds()/m.at[len(m.at)-1].Seconds()*(lineWidth-lineLeft-lineRight)
			y := top + panelHeight*(1-m.samples[i][k]/g.unit/most)
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
		}
		fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="1.5" points="%s"/>`+"\n", colour, strings.Join(points, " "))
		y := top + 18*float64(row) + 10
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="%s" stroke-width="3"/>`, lineWidth-lineRight+12, lineWidth-lineRight+30, y, y, colour)
		fmt.Fprintf(b, `<text x="%d" y="%.1f">%s</text>`+"\n", lineWidth-lineRight+36, y+4, html.EscapeString(g.label))
		row++
	}
}
