package main

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/loglake/loglake/capture"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/internal/disk"
)

// stalled is `loglake run` on a disk that does nothing for two of three seconds.
func stalled(endpoint, dir string, args []string) error {
	server, err := client.New(client.Config{Endpoint: endpoint})
	if err != nil {
		return err
	}
	fs := disk.NewFaulty(disk.Real())
	begin := time.Now()
	fs.Watch(func(_ disk.Call, done bool) {
		if at := time.Since(begin) % (3 * time.Second); !done && at < 2*time.Second {
			time.Sleep(2*time.Second - at)
		}
	})
	child, _, err := capture.Start(capture.Command{Args: args})
	if err != nil {
		return err
	}
	wire := capture.Server{Client: server}
	c := capture.New(capture.Config{Group: "/stalled", Stream: "s", Wire: wire, Server: wire.Name(), FS: fs,
		Dir: filepath.Join(dir, "spool-"+uuid.NewString()), FlushTimeout: time.Second})
	ended := make(chan error, 1)
	go func() {
		_, err := child.Wait()
		ended <- err
	}()
	c.Run(context.Background(), capture.Source{Name: "stdout", In: child.Stdout, Out: io.Discard})
	return <-ended
}
