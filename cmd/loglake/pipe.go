package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/capture"
)

func pipeCommand() *cobra.Command {
	var f captureFlags
	c := &cobra.Command{
		Use:   "pipe --group GROUP",
		Short: "Capture what comes in on stdin into a log group, and pass it on untouched",
		Long: `pipe reads the output of an application from its stdin, passes it on to its stdout byte for byte, and
brings the lines into a log group, each exactly once. The application never waits for the network, the
server or the disk: lines wait in a spool on the disk while the server is away, and when that is full the
oldest go, counted, and an event {"loglake":"dropped", …} in the group says how many.

The lines of a stack trace are one event. --parse makes a JSON object of each event; one that does not
parse is kept as {"message": "…"}. Noise (--drop, and the noise rules that loglake.yaml has for the group)
never leaves the machine. An event's time is when its line was read.

At the end of stdin pipe sends what is left, for --flush-timeout at most; the rest is sent by the next run.
What a crash leaves in the spool is sent by the next run too. The summary comes on stderr.`,
		Example: `  some-app | loglake pipe --group /app/api
  some-app 2>&1 | loglake pipe --group /app/api --parse json --drop 'path=/health,/static/**' --keep method=POST
  tail -F access.log | loglake pipe --group /web --parse combined --passthrough none
  some-app | loglake pipe --group /app/api --passthrough drop | less`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.settings(c, hostName())
			if err != nil {
				return err
			}
			if in, ok := c.InOrStdin().(*os.File); ok {
				capture.EnlargePipe(in)
			}
			ctx, stop := untilAsked(f.flushTimeout)
			defer stop()
			sum := s.run(ctx, capture.Source{Name: "stdin", In: c.InOrStdin(), Out: passTo(c.OutOrStdout()), Passes: s.passes})
			s.tell(c.ErrOrStderr(), sum)
			return nil
		},
	}
	f.register(c, "the host's name")
	return c
}

// run captures the sources to their end, and tells the summary now and then before.
func (s *capturing) run(ctx context.Context, sources ...capture.Source) capture.Summary {
	c := capture.New(s.Config)
	go s.notices.print()
	defer s.notices.end()
	if s.every > 0 {
		again := time.NewTicker(s.every)
		ended := make(chan struct{})
		defer close(ended)
		defer again.Stop()
		go func() {
			for {
				select {
				case <-again.C:
					s.notices.take(capture.Notice{Text: s.summary(c.Summary())})
				case <-ended:
					return
				}
			}
		}()
	}
	return c.Run(ctx, sources...)
}

// untilAsked gives a context that is done some time after a signal asks us to end: the application has been asked as
// well, and its last words are to be captured. A second signal means now.
func untilAsked(grace time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
			return
		}
		select {
		case <-signals:
		case <-time.After(grace):
		case <-ctx.Done():
		}
		signal.Stop(signals) // one more ends the program, whatever it waits for
		cancel()
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}
