//go:build !linux && !darwin

package disk

import (
	"errors"
	"os"
)

func flock(*os.File) (held bool, err error) { return false, errors.ErrUnsupported }

func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }
