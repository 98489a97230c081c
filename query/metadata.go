package query

import (
	"encoding/binary"
	"strings"
)

// metadata gives the protobuf of a result's `.metadata` file. Its schema is not published; spec §4.4 has the fields.
func metadata(id string, columns []ColumnInfo) []byte {
	const (
		fieldID, fieldColumn                                = 1, 4
		catalog, name, label, kind, precision, scale, nulls = 1, 4, 5, 6, 7, 8, 9
		caseSensitive, nullableUnknown                      = 10, 3
	)
	out := appendProto(nil, fieldID, id)
	for _, c := range columns {
		m := appendProto(nil, catalog, "hive")
		m = appendProto(m, name, c.Name)
		m = appendProto(m, label, c.Name)
		m = appendProto(m, kind, c.Type)
		numbers, flag := metadataFields(c.Type)
		if numbers {
			m = appendProtoInt(m, precision, c.Precision)
		}
		if numbers || c.Type == "date" {
			m = appendProtoInt(m, scale, c.Scale)
		}
		m = appendProtoInt(m, nulls, nullableUnknown)
		if flag {
			sensitive := 0
			if c.CaseSensitive {
				sensitive = 1
			}
			m = appendProtoInt(m, caseSensitive, sensitive)
		}
		out = appendProto(out, fieldColumn, string(m))
	}
	return out
}

// metadataFields tells which optional fields the real service writes for a type: precision and scale, case-sensitive.
func metadataFields(kind string) (numbers, caseSensitive bool) {
	switch kind {
	case "tinyint", "smallint", "integer", "bigint", "float", "double", "decimal", "varchar", "char", "varbinary":
		return true, true
	case "boolean", "date":
		return false, true
	}
	if strings.HasPrefix(kind, "time") {
		return true, true
	}
	return false, strings.HasPrefix(kind, "interval")
}

func appendProto(dst []byte, field int, value string) []byte {
	dst = binary.AppendUvarint(dst, uint64(field)<<3|2)
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	return append(dst, value...)
}

func appendProtoInt(dst []byte, field, value int) []byte {
	dst = binary.AppendUvarint(dst, uint64(field)<<3)
	return binary.AppendUvarint(dst, uint64(value))
}
