package shape

func parseAccess(dst, line []byte, combined bool) ([]byte, bool) { return dst, false }
