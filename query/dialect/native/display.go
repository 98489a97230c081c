package native

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// displayFunctions write for people: colours of a terminal, short numbers, sizes. A colour travels as its text: one of the
// terminal's eight by name, or #rrggbb.
func displayFunctions() []Function {
	return []Function{
		{Name: "loglake_color", Params: []string{"VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) { return colorOf(args[0].(string)) }},
		{Name: "loglake_color_between", Params: []string{"DOUBLE", "VARCHAR", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			low, err := parseRGB(args[1].(string), "lowColor not a valid RGB color")
			if err != nil {
				return nil, err
			}
			high, err := parseRGB(args[2].(string), "highColor not a valid RGB color")
			if err != nil {
				return nil, err
			}
			return low.towards(high, args[0].(float64)).String(), nil
		}},
		{Name: "loglake_render", Params: []string{"VARCHAR", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return ansi(args[1].(string)) + args[0].(string) + ansiReset, nil
		}},
		{Name: "loglake_bar", Params: []string{"DOUBLE", "BIGINT", "VARCHAR", "VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) {
			return bar(args[0].(float64), args[1].(int64), args[2].(string), args[3].(string))
		}},
		{Name: "loglake_format_number", Params: []string{"BIGINT"}, Result: "VARCHAR", Call: func(args []any) (any, error) { return shortNumber(args[0].(int64)), nil }},
		{Name: "loglake_data_size", Params: []string{"VARCHAR"}, Result: "VARCHAR", Call: func(args []any) (any, error) { return dataSize(args[0].(string)) }},
	}
}

// terminalColors are the terminal's own, by number.
var terminalColors = [...]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

const ansiReset = "\x1b[0m"

type rgb struct{ r, g, b uint8 }

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// colorOf reads the name of a colour, or #rgb.
func colorOf(text string) (any, error) {
	name := strings.ToLower(text)
	for _, known := range terminalColors {
		if name == known {
			return name, nil
		}
	}
	if len(name) == 4 && name[0] == '#' && strings.Trim(name[1:], "0123456789abcdef") == "" {
		return "#" + strings.Repeat(name[1:2], 2) + strings.Repeat(name[2:3], 2) + strings.Repeat(name[3:4], 2), nil
	}
	return nil, invalid("Invalid color: '%s'", text)
}

func parseRGB(text, problem string) (rgb, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 24)
	if err != nil || !strings.HasPrefix(text, "#") {
		return rgb{}, invalid("%s", problem)
	}
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// ansi gives the sequence that switches to a colour: one of the eight, or the nearest of a cube of six by six by six.
func ansi(text string) string {
	for i, known := range terminalColors {
		if text == known {
			return "\x1b[38;5;" + strconv.Itoa(i) + "m"
		}
	}
	c, _ := parseRGB(text, "")
	side := func(v uint8) int { return int(v) * 6 / 256 }
	return "\x1b[38;5;" + strconv.Itoa(16+36*side(c.r)+6*side(c.g)+side(c.b)) + "m"
}

// towards gives the colour at a fraction of the way to another one, through hue, saturation and brightness. Beyond the ends it
// is the end's, and black where the fraction is NaN.
func (c rgb) towards(d rgb, fraction float64) rgb {
	if math.IsNaN(fraction) {
		return rgb{}
	}
	f := float32(math.Max(0, math.Min(1, fraction)))
	h1, s1, b1 := c.hsb()
	h2, s2, b2 := d.hsb()
	return fromHSB(h1+f*(h2-h1), s1+f*(s2-s1), b1+f*(b2-b1))
}

// hsb gives hue, saturation and brightness, each from 0 to 1.
func (c rgb) hsb() (hue, saturation, brightness float32) {
	r, g, b := float32(c.r), float32(c.g), float32(c.b)
	most, least := max(r, g, b), min(r, g, b)
	brightness = most / 255
	if most == least {
		return 0, 0, brightness
	}
	spread := most - least
	switch most {
	case r:
		hue = (g - b) / spread
	case g:
		hue = 2 + (b-r)/spread
	default:
		hue = 4 + (r-g)/spread
	}
	if hue /= 6; hue < 0 {
		hue++
	}
	return hue, spread / most, brightness
}

func fromHSB(hue, saturation, brightness float32) rgb {
	part := func(v float32) uint8 { return uint8(v*255 + 0.5) }
	h := (hue - float32(math.Floor(float64(hue)))) * 6
	f := h - float32(math.Floor(float64(h)))
	v, p, q, t := part(brightness), part(brightness*(1-saturation)), part(brightness*(1-saturation*f)), part(brightness*(1-saturation*(1-f)))
	switch int(h) {
	case 0:
		return rgb{v, t, p}
	case 1:
		return rgb{q, v, p}
	case 2:
		return rgb{p, v, t}
	case 3:
		return rgb{p, q, v}
	case 4:
		return rgb{t, p, v}
	}
	return rgb{v, p, q}
}

// barWidthMax bounds the width of a bar.
const barWidthMax = 100_000

// bar draws a fraction of the width in blocks, each in the colour of its place, and blanks after them.
func bar(fraction float64, width int64, low, high string) (any, error) {
	if width > barWidthMax {
		return nil, &Error{Code: codeLimit, Message: "bars wider than " + strconv.Itoa(barWidthMax) + " are not supported"}
	}
	count := int64(0)
	if fraction > 0 {
		count = int64(math.Min(fraction*float64(width), float64(width)))
	}
	var b strings.Builder
	if count > 0 {
		from, err := parseRGB(low, "color is not a valid rgb value")
		if err != nil {
			return nil, err
		}
		to, err := parseRGB(high, "color is not a valid rgb value")
		if err != nil {
			return nil, err
		}
		for i := range count {
			b.WriteString(ansi(from.towards(to, float64(i)/float64(width-1)).String()) + "█")
		}
	}
	return b.String() + ansiReset + strings.Repeat(" ", int(max(0, width-max(0, count)))), nil
}

// shortNumber gives a number with three digits or so and a letter for its thousands.
func shortNumber(n int64) string {
	magnitude, sign := n, ""
	if n < 0 && n != math.MinInt64 {
		magnitude, sign = -n, "-"
	}
	value, letter := float64(magnitude), ""
	for _, u := range [...]struct {
		letter string
		size   float64
	}{{"K", 1e3}, {"M", 1e6}, {"B", 1e9}, {"T", 1e12}, {"Q", 1e15}} {
		if math.Abs(float64(magnitude)) >= u.size {
			value, letter = float64(magnitude)/u.size, u.letter
		}
	}
	digits := 0
	if value < 10 {
		digits = 2
	} else if value < 100 {
		digits = 1
	}
	return sign + halfUp(value, digits) + letter
}

// halfUp writes a number with at most so many digits after the point, half away from zero, of its exact value.
func halfUp(value float64, digits int) string {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	scaled := new(big.Rat).Mul(new(big.Rat).SetFloat64(math.Abs(value)), scale)
	scaled.Add(scaled, big.NewRat(1, 2))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	text := new(big.Rat).Quo(new(big.Rat).SetInt(whole), scale).FloatString(digits)
	if digits > 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if value < 0 && text != "0" {
		text = "-" + text
	}
	return text
}

// sizeUnits are the units of data sizes: each is 1024 of the one before.
var sizeUnits = [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}

// dataSize gives the bytes of a text such as 1.5kB.
func dataSize(text string) (any, error) {
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
		end++
	}
	number, unit := text[:end], text[end:]
	value, ok := new(big.Rat).SetString(number)
	if !ok || len(number) > 100 {
		return nil, invalid("Invalid data size: '%s'", text)
	}
	for i, u := range sizeUnits {
		if u != unit {
			continue
		}
		value.Mul(value, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(10*i))))
		bytes := new(big.Int).Quo(value.Num(), value.Denom()).String()
		if len(bytes) > 38 {
			return nil, &Error{Code: codeRange, Message: fmt.Sprintf("Value out of range: '%s' ('%sB')", text, bytes)}
		}
		return bytes, nil
	}
	return nil, invalid("Invalid data size: '%s'", text)
}
