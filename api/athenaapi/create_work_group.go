package athenaapi

import (
	"context"
	"regexp"

	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/query"
)

type createWorkGroupInput struct {
	Name          *string            `json:"Name"`
	Description   *string            `json:"Description"`
	Configuration *workGroupSettings `json:"Configuration"`
	Tags          []tag              `json:"Tags"`
}

// workGroupSettings are the settings of a workgroup as requests have them; what is nil was not given.
type workGroupSettings struct {
	ResultConfiguration             *resultSettings `json:"ResultConfiguration"`
	EnforceWorkGroupConfiguration   *bool           `json:"EnforceWorkGroupConfiguration"`
	PublishCloudWatchMetricsEnabled *bool           `json:"PublishCloudWatchMetricsEnabled"`
	BytesScannedCutoffPerQuery      *int64          `json:"BytesScannedCutoffPerQuery"`
	EngineVersion                   *struct {
		SelectedEngineVersion *string `json:"SelectedEngineVersion"`
	} `json:"EngineVersion"`
	unbuiltSettings
}

// resultSettings are a ResultConfiguration, or ResultConfigurationUpdates.
type resultSettings struct {
	OutputLocation          *string `json:"OutputLocation"`
	RemoveOutputLocation    bool    `json:"RemoveOutputLocation"`
	EncryptionConfiguration any     `json:"EncryptionConfiguration"`
	ExpectedBucketOwner     *string `json:"ExpectedBucketOwner"`
	ACLConfiguration        any     `json:"AclConfiguration"`
}

// unbuiltSettings are understood and refused, but where they ask for nothing.
type unbuiltSettings struct {
	RequesterPaysEnabled                 bool    `json:"RequesterPaysEnabled"`
	EnableMinimumEncryptionConfiguration bool    `json:"EnableMinimumEncryptionConfiguration"`
	AdditionalConfiguration              *string `json:"AdditionalConfiguration"`
	ExecutionRole                        *string `json:"ExecutionRole"`
	CustomerContentEncryption            any     `json:"CustomerContentEncryptionConfiguration"`
	MonitoringConfiguration              any     `json:"MonitoringConfiguration"`
	EngineConfiguration                  any     `json:"EngineConfiguration"`
	ManagedQueryResults                  *struct {
		Enabled bool `json:"Enabled"`
	} `json:"ManagedQueryResultsConfiguration"`
	IdentityCenter *struct {
		Enabled bool `json:"EnableIdentityCenter"`
	} `json:"IdentityCenterConfiguration"`
	AccessGrants *struct {
		Enabled bool `json:"EnableS3AccessGrants"`
	} `json:"QueryResultsS3AccessGrantsConfiguration"`
}

// refused gives the name of a setting that is not built, "" where there is none.
func (s *workGroupSettings) refused() string {
	r := s.ResultConfiguration
	for _, setting := range []struct {
		name  string
		asked bool
	}{
		{"RequesterPaysEnabled", s.RequesterPaysEnabled},
		{"EnableMinimumEncryptionConfiguration", s.EnableMinimumEncryptionConfiguration},
		{"AdditionalConfiguration", s.AdditionalConfiguration != nil},
		{"ExecutionRole", s.ExecutionRole != nil},
		{"CustomerContentEncryptionConfiguration", s.CustomerContentEncryption != nil},
		{"MonitoringConfiguration", s.MonitoringConfiguration != nil},
		{"EngineConfiguration", s.EngineConfiguration != nil},
		{"ManagedQueryResultsConfiguration", s.ManagedQueryResults != nil && s.ManagedQueryResults.Enabled},
		{"IdentityCenterConfiguration", s.IdentityCenter != nil && s.IdentityCenter.Enabled},
		{"QueryResultsS3AccessGrantsConfiguration", s.AccessGrants != nil && s.AccessGrants.Enabled},
		{"ResultConfiguration.EncryptionConfiguration", r != nil && r.EncryptionConfiguration != nil},
		{"ResultConfiguration.ExpectedBucketOwner", r != nil && r.ExpectedBucketOwner != nil},
		{"ResultConfiguration.AclConfiguration", r != nil && r.ACLConfiguration != nil},
	} {
		if setting.asked {
			return setting.name
		}
	}
	return ""
}

// apply changes a workgroup as the settings say.
func (s *workGroupSettings) apply(group *query.WorkGroup) error {
	if s == nil {
		return nil
	}
	if name := s.refused(); name != "" {
		told := invalid(query.CodeInvalidInput, "this server does not have the setting "+name+" of workgroups")
		return &told
	}
	if r := s.ResultConfiguration; r != nil {
		if r.RemoveOutputLocation {
			group.Output = ""
		}
		if r.OutputLocation != nil {
			group.Output = *r.OutputLocation
		}
	}
	assign(&group.Enforce, s.EnforceWorkGroupConfiguration)
	assign(&group.Metrics, s.PublishCloudWatchMetricsEnabled)
	assign(&group.CutoffBytes, s.BytesScannedCutoffPerQuery)
	if s.EngineVersion != nil {
		assign(&group.Engine, s.EngineVersion.SelectedEngineVersion)
	}
	return nil
}

func assign[T any](to, given *T) {
	if given != nil {
		*to = *given
	}
}

// check leaves the rest to package query.
func (s *workGroupSettings) check(c *awsjson.Constraints, member string) {
	if s != nil && s.BytesScannedCutoffPerQuery != nil && *s.BytesScannedCutoffPerQuery < query.CutoffBytesMin {
		c.Add(member+".bytesScannedCutoffPerQuery", *s.BytesScannedCutoffPerQuery, "Member must have value greater than or equal to 10000000")
	}
}

const workGroupSpelling = `[a-zA-Z0-9._-]{1,128}`

var workGroupPattern = regexp.MustCompile("^" + workGroupSpelling + "$")

func checkWorkGroupName(c *awsjson.Constraints, member string, name *string) {
	if name != nil {
		c.Pattern(member, *name, workGroupPattern, workGroupSpelling)
	}
}

func checkDescription(c *awsjson.Constraints, description *string) {
	if description != nil {
		c.Length("description", *description, 0, 1024)
	}
}

func (in *createWorkGroupInput) check(c *awsjson.Constraints) {
	c.Required("name", in.Name)
	checkWorkGroupName(c, "name", in.Name)
	checkDescription(c, in.Description)
	in.Configuration.check(c, "configuration")
	checkTags(c, in.Tags)
}

// createWorkGroup answers CreateWorkGroup.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateWorkGroup.html
//
// AWS: makes a workgroup of queries or of Spark sessions.
// Here: one of queries. Its settings are enforced unless it says otherwise, as on AWS.
// Not here: Spark, encryption, managed results, access grants, requester pays, the expected owner of the bucket; each is
// refused by name.
func (a *api) createWorkGroup(ctx context.Context, in *createWorkGroupInput) (*empty, error) {
	group := query.WorkGroup{Name: *in.Name, Description: deref(in.Description), Enforce: true, Engine: "AUTO", Tags: tagMap(in.Tags)}
	if err := in.Configuration.apply(&group); err != nil {
		return nil, err
	}
	return &empty{}, a.executions.CreateWorkGroup(ctx, group)
}
