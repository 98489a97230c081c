package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/backup"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/server"
)

// backupFlags are what `backup` is told.
type backupFlags struct {
	remote
	serverFlags
	withoutBuckets bool
}

func backupCommand() *cobra.Command {
	var f backupFlags
	c := &cobra.Command{
		Use:   "backup DEST",
		Short: "Copy a lake while it runs",
		Long: `backup copies the lake of a running server into the folder DEST, as it is at one instant: everything
that was acknowledged before is in it, and a folder that is restored from it has each event once.
Puts, queries and delivery go on meanwhile.

A second backup into the same folder copies only what is new. DEST holds one whole backup at every
moment: one that breaks off leaves the former one as it was. Buckets in S3 are not copied.

The server may be on another machine. One that is stopped is backed up by --data.`,
		Example: `  loglake backup /mnt/backup/lake
  loglake backup /mnt/backup/lake --endpoint https://logs.example.com:4566
  loglake backup /mnt/backup/lake --data ./lake          of a server that is stopped
  loglake restore /mnt/backup/lake --data ./lake-again`,
		Args: oneArg("DEST"),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	f.serverFlags.register(c)
	f.remote.register(c)
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	c.Flags().BoolVar(&f.withoutBuckets, "without-buckets", false, "leave the objects of the buckets out, where something else copies them")
	return c
}

func (f *backupFlags) run(c *cobra.Command, dest string) (err error) {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	vault, err := backup.OpenVault(disk.Real(), dest)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, vault.Close()) }()
	request := backup.Request{Have: vault.Have(), WithoutBuckets: f.withoutBuckets}
	bar := newCopying(c.ErrOrStderr(), dest)
	receive := func(r io.Reader) error {
		list, err := vault.Receive(c.Context(), r, bar.show)
		bar.end()
		if err != nil {
			return err
		}
		return f.print(c.OutOrStdout(), dest, list)
	}
	if c.Flags().Changed("data") {
		return f.stopped(c, request, receive)
	}
	to, err := f.client()
	if err != nil {
		return err
	}
	stream, err := to.Open(c.Context(), http.MethodPost, "/v1/backup", request)
	if err != nil {
		return err
	}
	return errors.Join(receive(stream), stream.Close())
}

// stopped backs a folder up whose server is stopped.
func (f *backupFlags) stopped(c *cobra.Command, request backup.Request, receive func(io.Reader) error) error {
	cfg, _, err := f.config(c)
	if err != nil {
		return err
	}
	if err := isLake(cfg.Dir); err != nil {
		return err
	}
	err = withServer(c.Context(), cfg, func(ctx context.Context, l *server.Server) error {
		r, w := io.Pipe()
		sent := make(chan error, 1)
		go func() {
			err := l.Backup(ctx, w, request)
			w.CloseWithError(err)
			sent <- err
		}()
		err := receive(r)
		r.CloseWithError(err)
		return errors.Join(err, <-sent)
	})
	if errors.Is(err, disk.ErrLocked) {
		return loglake.Errorf(loglake.CodeConflict, "a server runs on the data folder %s", cfg.Dir).WithHint("leave --data away: then the server itself gives the backup, and goes on")
	}
	return err
}

func (f *backupFlags) print(w io.Writer, dest string, l *backup.List) error {
	if f.format == "json" {
		l := *l
		files := l.Files
		l.Files = nil
		return json.NewEncoder(w).Encode(struct {
			backup.List
			Count    int
			NewFiles int
			AllBytes int64
			NewBytes int64
		}{l, len(files), newFiles(files, l.Number).count, (&backup.List{Files: files}).Bytes(), newFiles(files, l.Number).bytes})
	}
	fresh := newFiles(l.Files, l.Number)
	fmt.Fprintf(w, "backup %d in %s: %s files, %s; new %s, %s\n", l.Number, dest, grouped(int64(len(l.Files))), size(l.Bytes()), grouped(int64(fresh.count)), size(fresh.bytes))
	switch l.Buckets {
	case backup.BucketsS3:
		fmt.Fprintln(w, "the buckets are in S3 and not in the backup: keep versions of them there")
	case backup.BucketsLeftOut:
		fmt.Fprintln(w, "the buckets are not in the backup: copy them after it, and leave nothing out that was there")
	case backup.BucketsCopied:
	}
	for _, at := range l.Missing {
		fmt.Fprintf(w, "missing: %s is not in its bucket\n", at)
	}
	for _, at := range l.Damaged {
		fmt.Fprintf(w, "damaged: %s has other bytes than were committed, and was copied as it is\n", at)
	}
	if len(l.Missing)+len(l.Damaged) > 0 {
		fmt.Fprintln(w, "`loglake check` on the stopped server tells more")
	}
	return nil
}

type fresh struct {
	count int
	bytes int64
}

func newFiles(files []backup.File, number int) (n fresh) {
	for _, f := range files {
		if f.In == number {
			n.count++
			n.bytes += f.Bytes
		}
	}
	return n
}

func restoreCommand() *cobra.Command {
	var data string
	var verify bool
	c := &cobra.Command{
		Use:   "restore SRC --data NEW",
		Short: "Make a data folder of a backup",
		Long: `restore makes a new data folder of a backup that loglake backup made. Every file is held against its
checksum, and the folder has its name only when all of it is there. Nothing is overwritten.

The restored lake has the streams of the original, under the same ids. Don't let both of them write to
one bucket in S3: their events would be there twice. A server refuses to serve a restored folder over
S3 until somebody has seen to that, and says how.`,
		Example: `  loglake restore /mnt/backup/lake --data ./lake-again && loglake check --data ./lake-again
  loglake restore /mnt/backup/lake --verify             only read it, and compare all checksums`,
		Args: oneArg("SRC"),
		RunE: func(c *cobra.Command, args []string) error {
			if (data == "") != verify {
				return usageError{errors.New("restore takes --data with the folder to make, or --verify")}
			}
			bar := newCopying(c.ErrOrStderr(), args[0])
			if verify {
				list, err := backup.Verify(c.Context(), disk.Real(), args[0], bar.show)
				bar.end()
				if err == nil {
					fmt.Fprintf(c.OutOrStdout(), "%s is whole: backup %d of %s, %s files, %s\n", args[0], list.Number, list.Begun.Time().Format(time.RFC3339), grouped(int64(len(list.Files))), size(list.Bytes()))
				}
				return err
			}
			list, err := backup.Restore(c.Context(), disk.Real(), args[0], data, bar.show)
			bar.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is the lake as it was at %s: %s files, %s\n", data, list.Begun.Time().Format(time.RFC3339), grouped(int64(len(list.Files))), size(list.Bytes()))
			if list.Buckets != backup.BucketsCopied {
				fmt.Fprintln(c.OutOrStdout(), "the buckets were not in the backup: see docs/backup.md before you start a server on it")
			}
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "", "the folder to make")
	c.Flags().BoolVar(&verify, "verify", false, "read the backup and make nothing")
	_ = c.MarkFlagDirname("data") // the flag is there
	return c
}

// copying tells how far a backup or a restore is: a bar on a terminal, a line now and then elsewhere.
type copying struct {
	progress
	name string
}

func newCopying(w io.Writer, name string) *copying { return &copying{*newProgress(w), name} }

func (p *copying) show(at backup.Progress) {
	if !p.due() {
		return
	}
	text := fmt.Sprintf("%s: %s of %s files, %s of %s, %s", p.name, grouped(int64(at.Files)), grouped(int64(at.FilesMax)), size(at.Bytes), size(at.BytesMax), span(p.told.Sub(p.began)))
	p.draw(text, at.Bytes, at.BytesMax)
}
