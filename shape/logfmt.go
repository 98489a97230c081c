package shape

func parseLogfmt(dst, line []byte) ([]byte, bool) { return dst, false }
