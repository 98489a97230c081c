package glueapi

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/catalog"
)

// UpdateTable
//
// https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html
//
// AWS: replaces the definition of a table, raises its version, and keeps the old definition unless SkipArchive says not to. A VersionId that is not the current one fails.
// loglake: the same. A Name that differs from that in TableInput is refused: tables are not renamed.
// Not here: TransactionId, Force and ViewUpdateAction are ignored; UpdateOpenTableFormatInput is refused.

type updateTableInput struct {
	databaseRequest
	Name                       *string             `json:"Name"`
	TableInput                 *catalog.TableInput `json:"TableInput"`
	SkipArchive                bool                `json:"SkipArchive"`
	VersionID                  string              `json:"VersionId"`
	UpdateOpenTableFormatInput json.RawMessage     `json:"UpdateOpenTableFormatInput"`
}

func (in *updateTableInput) check(c *awsjson.Constraints) {
	in.databaseRequest.check(c)
	if in.UpdateOpenTableFormatInput == nil {
		tableInput(c, in.TableInput)
	}
}

func (a *api) updateTable(ctx context.Context, in *updateTableInput) (*empty, error) {
	if in.UpdateOpenTableFormatInput != nil {
		return nil, loglake.Errorf(loglake.CodeUnsupported, "UpdateOpenTableFormatInput is not supported: Iceberg tables are changed by their writers")
	}
	if in.Name != nil && !strings.EqualFold(*in.Name, in.TableInput.Name) {
		return nil, loglake.Errorf(loglake.CodeInvalid, "Table %s cannot be renamed to %s", *in.Name, in.TableInput.Name)
	}
	return done(a.catalog.UpdateTable(ctx, *in.DatabaseName, catalog.TableUpdate{
		Input: *in.TableInput, Archive: catalog.Archive(!in.SkipArchive), VersionID: in.VersionID,
	}))
}
