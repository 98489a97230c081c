package storetest

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/loglake/loglake/store"
)

// concurrent puts and deletes in directories that come and go, and asks that each writer finds what it wrote.
func (s *suite) concurrent() {
	left := []string{}
	if s.tree { // whose service may lose a folder under a put when the last file in it goes
		left = []string{"d0/e/stays", "d1/e/stays"}
		for _, key := range left {
			s.put(key, key)
		}
	}
	var wg sync.WaitGroup
	for writer := range 6 {
		wg.Go(func() {
			for round := range 12 {
				key := fmt.Sprintf("d%d/e/w%d", round%2, writer)
				text := fmt.Sprintf("%d of %d", round, writer)
				if _, err := s.Put(s.ctx, bucket, key, strings.NewReader(text), store.PutOptions{}); err != nil {
					s.Errorf("put %s: %v", key, err)
					return
				}
				r, o, err := s.Get(s.ctx, bucket, key)
				if err != nil {
					s.Errorf("get %s: %v", key, err)
					return
				}
				got, _ := io.ReadAll(r)
				_ = r.Close()
				if want := fmt.Sprintf("%x", md5.Sum([]byte(text))); string(got) != text || o.ETag != want {
					s.Errorf("%s has %q and ETag %s, want %q and %s", key, got, o.ETag, text, want)
				}
				if _, _, err := s.List(s.ctx, bucket, "", "", 100); err != nil {
					s.Errorf("list: %v", err)
				}
				if err := s.Delete(s.ctx, bucket, key); err != nil {
					s.Errorf("delete %s: %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	s.equal("left", s.listed(), left)
}

// overwriteWhileRead asks that bytes and description always belong together.
func (s *suite) overwriteWhileRead() {
	s.put("k", "0")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(stop)
		for i := range 30 {
			if _, err := s.Put(s.ctx, bucket, "k", strings.NewReader(fmt.Sprint(i%10)), store.PutOptions{}); err != nil {
				s.Errorf("put: %v", err)
			}
		}
	})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			r, o, err := s.Get(s.ctx, bucket, "k")
			if err != nil {
				s.Errorf("get: %v", err)
				return
			}
			text, err := io.ReadAll(r)
			_ = r.Close()
			if err != nil && s.tree { // the service has given what its own checksum refutes
				continue
			}
			if err != nil && !errors.Is(err, store.ErrChanged) {
				s.Errorf("read: %v", err)
				return
			}
			if want := fmt.Sprintf("%x", md5.Sum(text)); err == nil && o.ETag != want {
				s.Errorf("bytes %q come with the ETag %s", text, o.ETag)
				return
			}
		}
	})
	wg.Wait()
}
