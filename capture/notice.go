package capture

// Kind is a kind of Notice.
type Kind string

// What capture tells while it runs. A kind whose state lasts is told once when it begins.
const (
	ServerLost Kind = "server lost" // the server takes nothing; lines wait in the spool
	ServerBack Kind = "server back"
	DiskFailed Kind = "disk failed" // the spool can't be written, read or synced
	DiskBack   Kind = "disk back"
	SpoolTorn  Kind = "spool torn"  // a spool that was found ends in a record that was not written whole
	Adopted    Kind = "adopted"     // a spool that was left is sent
	NotAdopted Kind = "not adopted" // a spool that was left can't be sent for now
	Refused    Kind = "refused"     // the server took a put and left events of it out
	Dropped    Kind = "dropped"     // lines had to go
	OutputGone Kind = "output gone"
)

// Notice is something that a person may want to know. Text is a clause of words.
type Notice struct {
	Kind Kind
	Text string
	Err  error // the cause, if there is one
}
