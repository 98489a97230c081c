package backup

// Add marks a file by its path.
func (m *Marks) Add(path string) { m.add(known{path: path}) }
