package native

import (
	"strings"
	"time"
	_ "time/tzdata" // the names of zones must not depend on the machine
)

// zoneID is the name of a time zone. In reading, the longest name counts; a fixed offset is none.
type zoneID struct{}

func (zoneID) write(dst []byte, at moment) []byte { return append(dst, at.zone...) }

const zoneNameMax = 40

func (zoneID) read(b *bucket, text string, pos int) int {
	for end := min(len(text), pos+zoneNameMax); end > pos; end-- {
		name := text[pos:end]
		if name == "Local" || strings.ContainsAny(name, ".\\") {
			continue
		}
		if _, ok := location(name); ok {
			b.zone = name
			return end
		}
	}
	return ^pos
}

var locations remembered[*time.Location]

// location gives a time zone by its name.
func location(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > zoneNameMax {
		return nil, false
	}
	l, err := locations.of(name, time.LoadLocation)
	return l, err == nil
}

// zoneName is the name of a zone as people write it: short names of few zones are read, long ones are not.
type zoneName struct{ long bool }

var shortZones = map[string]string{"UT": "UTC", "UTC": "UTC", "GMT": "UTC", "EST": "America/New_York", "EDT": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "MST": "America/Denver", "MDT": "America/Denver",
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles"}

func (z zoneName) write(dst []byte, at moment) []byte {
	if z.long && at.zone == "UTC" {
		return append(dst, "Coordinated Universal Time"...)
	}
	return append(dst, at.zone...)
}

func (z zoneName) read(b *bucket, text string, pos int) int {
	for n := 3; n > 1 && !z.long; n-- {
		if zone, ok := shortZones[text[pos:min(len(text), pos+n)]]; ok {
			b.zone = zone
			return min(len(text), pos+n)
		}
	}
	return ^pos
}

// instant gives the UTC milliseconds of what was read, and the zone that it is shown in: "UTC", a name or an offset.
func (b *bucket) instant(local int64, text string) (millis int64, zone string, err error) {
	if b.offset != nil {
		zone = offsetName(*b.offset)
		if *b.offset%millisPerMinute != 0 || *b.offset > 14*millisPerHour || *b.offset < -14*millisPerHour {
			return 0, "", &Error{Code: codeLimit, Message: "Time zone not supported: " + zone}
		}
		return b.bounded(local-*b.offset, zone)
	}
	if b.zone == "" || b.zone == "UTC" {
		return b.bounded(local, "UTC")
	}
	l, _ := location(b.zone)
	year, month, day := civil(floorDiv(local, millisPerDay))
	at := time.Date(int(year), time.Month(month), int(day), 0, 0, 0, int(floorMod(local, millisPerDay))*1e6, l)
	_, distance := at.Zone()
	if at.UnixMilli()+int64(distance)*1000 != local {
		return 0, "", invalid("Cannot parse \"%s\": Illegal instant due to time zone offset transition (%s)", text, b.zone)
	}
	return b.bounded(at.UnixMilli(), b.zone)
}

func (b *bucket) bounded(millis int64, zone string) (int64, string, error) {
	if millis < instantMin || millis > instantMax {
		return 0, "", invalid("Millis overflow: %d", millis)
	}
	return millis, zone, nil
}

// offsetName writes an offset as a zone's name.
func offsetName(millis int64) string {
	if millis == 0 {
		return "UTC"
	}
	name := string(offset{colon: true}.write(nil, moment{offset: millis}))
	if seconds := max(millis, -millis) / 1000 % 60; seconds != 0 {
		name += ":" + string([]byte{byte('0' + seconds/10), byte('0' + seconds%10)})
	}
	return name
}

// offsetAt gives the distance of a zone's local time from UTC at an instant, in milliseconds.
func offsetAt(zone string, millis int64) int64 {
	if b := (&bucket{}); zone != "" && (zone[0] == '+' || zone[0] == '-') && (offset{}).read(b, zone, 0) == len(zone) {
		return *b.offset
	}
	l, ok := location(zone)
	if !ok {
		return 0
	}
	_, seconds := time.UnixMilli(millis).In(l).Zone()
	return int64(seconds) * 1000
}
