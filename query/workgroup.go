package query

// PrimaryWorkGroup is the workgroup of requests that name none, and the only one.
const PrimaryWorkGroup = "primary"

// EngineVersion is what clients are told: Athena's SQL of engine version 3.
const EngineVersion = "Athena engine version 3"

// WorkGroup is a workgroup's settings.
type WorkGroup struct {
	Name   string
	Output string // default output location, "" none
}

func workgroupName(name string) string {
	if name == "" {
		return PrimaryWorkGroup
	}
	return name
}

// WorkGroup gives a workgroup by name, "" being the primary one.
func (e *Executions) WorkGroup(name string) (WorkGroup, error) {
	if workgroupName(name) != PrimaryWorkGroup {
		return WorkGroup{}, refuse(CodeInvalidInput, "WorkGroup is not found.")
	}
	return WorkGroup{Name: PrimaryWorkGroup, Output: e.config.Output}, nil
}
