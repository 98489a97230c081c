package pipeline

// check looks at the whole: what one part of the file says of another.
func (d *decoder) check(p *Pipeline) {
}
