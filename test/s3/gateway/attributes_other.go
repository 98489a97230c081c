//go:build !linux && !darwin

package gateway

// keepsAttributes says no: nobody has tried.
func keepsAttributes(string) bool { return false }
