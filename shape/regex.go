package shape



func (p *Parser) parseRegex(dst, line []byte) ([]byte, bool) { return dst, false }
