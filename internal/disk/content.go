package disk

import "io"

// content is the bytes of a file in memory. Pages that were never written take no room and read as zeros.
type content struct {
	size  int64
	pages map[int64]*[pageBytes]byte
}

const pageBytes = 16 << 10

func (c *content) readAt(p []byte, off int64) (int, error) {
	if off >= c.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > c.size-off
	if short {
		p = p[:c.size-off]
	}
	for done := 0; done < len(p); {
		at := off + int64(done)
		within := int(at % pageBytes)
		piece := p[done:min(len(p), done+pageBytes-within)]
		if page := c.pages[at/pageBytes]; page != nil {
			copy(piece, page[within:])
		} else {
			clear(piece)
		}
		done += len(piece)
	}
	if short {
		return len(p), io.EOF
	}
	return len(p), nil
}

func (c *content) writeAt(p []byte, off int64) {
	if c.pages == nil {
		c.pages = map[int64]*[pageBytes]byte{}
	}
	for done := 0; done < len(p); {
		at := off + int64(done)
		page := c.pages[at/pageBytes]
		if page == nil {
			page = new([pageBytes]byte)
			c.pages[at/pageBytes] = page
		}
		done += copy(page[at%pageBytes:], p[done:])
	}
	c.size = max(c.size, off+int64(len(p)))
}

// resize sets the length. What was beyond the new end reads as zeros when the file grows again.
func (c *content) resize(size int64) {
	if size < c.size {
		for n, page := range c.pages {
			switch from := size - n*pageBytes; {
			case from <= 0:
				delete(c.pages, n)
			case from < pageBytes:
				clear(page[from:])
			}
		}
	}
	c.size = size
}

func (c *content) clone() content {
	d := content{size: c.size, pages: make(map[int64]*[pageBytes]byte, len(c.pages))}
	for n, page := range c.pages {
		copied := *page
		d.pages[n] = &copied
	}
	return d
}
