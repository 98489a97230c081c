package main

import (
	"fmt"
	"testing"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
)

// TestFaults fails what the shell writes of its history: it is told once, the shell goes on, and what was kept is read.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		for _, op := range []disk.Op{disk.OpMkdir, disk.OpCreate, disk.OpWrite} {
			t.Run(fmt.Sprintf("%s, done %v", op, apply), func(t *testing.T) {
				fs := disk.NewFaulty(disk.NewCrashable())
				if op != disk.OpMkdir {
					if err := fs.MkdirAll("home"); err != nil {
						t.Fatal(err)
					}
				}
				nth := 1
				if op == disk.OpWrite {
					nth = 2
				}
				fs.Fail(disk.Rule{Op: op, Nth: nth, Apply: apply, Then: func() { rec.Call(apply) }})
				h, failures := openHistory(fs, "home/history"), 0
				for _, sql := range []string{"SELECT 1", "SELECT 2", "SELECT 3"} {
					if err := h.remember(sql); err != nil {
						failures++
					}
				}
				if failures != 1 || h.Len() != 3 || h.At(0) != "SELECT 3" {
					t.Errorf("%d failures were told, %d statements are there", failures, h.Len())
				}
				for again, i := openHistory(fs, "home/history"), 0; i < again.Len(); i++ {
					if text := again.At(again.Len() - 1 - i); text != fmt.Sprint("SELECT ", i+1) {
						t.Errorf("read again, statement %d is %q", i, text)
					}
				}
			})
		}
	}
}
