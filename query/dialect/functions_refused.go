package dialect

import (
	"strings"
	"sync"
)

// Refusal tells why a function of Trino is not translated, and what does nearly the same; Instead is "" where nothing does.
type Refusal struct {
	Name    string
	Why     string
	Instead string
}

// refusedFunctions are the functions of Trino that are not in the registry. A name stands here or there, never in both.
// Several names may share a line.
var refusedFunctions = []Refusal{
	{Why: "machine learning absent", Name: "learn_classifier learn_libsvm_classifier learn_libsvm_regressor learn_regressor classify regress features " +
		"evaluate_classifier_predictions"},
	{Why: "geometry is absent", Name: "st_area st_asbinary st_astext st_boundary st_buffer st_centroid st_contains st_convexhull st_coorddim st_crosses st_difference " +
		"st_dimension st_disjoint st_distance st_endpoint st_envelope st_envelopeaspts st_equals st_exteriorring st_geometries " +
		"st_geometryfromtext st_geometryn st_geometrytype st_geomfrombinary st_geomfromkml st_interiorringn st_interiorrings " +
		"st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple st_isvalid st_length st_linefromtext st_linestring " +
		"st_multipoint st_numgeometries st_numinteriorring st_numpoints st_overlaps st_point st_pointn st_points st_polygon st_relate " +
		"st_startpoint st_symdifference st_touches st_union st_within st_x st_xmax st_xmin st_y st_ymax st_ymin"},
	{Why: "geometry is absent", Name: "convex_hull_agg geometry_from_hadoop_shape geometry_invalid_reason geometry_nearest_points geometry_to_bing_tiles geometry_union " +
		"geometry_union_agg from_geojson_geometry to_geojson_geometry to_geometry to_spherical_geography simplify_geometry " +
		"line_interpolate_point line_interpolate_points line_locate_point spatial_partitioning spatial_partitions from_encoded_polyline " +
		"to_encoded_polyline"},
	{Why: "map tiles absent", Name: "bing_tile bing_tile_at bing_tile_coordinates bing_tile_polygon bing_tile_quadkey bing_tile_zoom_level bing_tiles_around"},
	{Name: "make_set_digest merge_set_digest intersection_cardinality jaccard_index hash_counts", Why: "set digests absent", Instead: "cardinality(array_intersect(array_agg(DISTINCT x), array_agg(DISTINCT y)))"},
	{Name: "approx_set empty_approx_set merge", Why: "sketches as values absent", Instead: "approx_distinct(x)"},
	{Name: "qdigest_agg tdigest_agg value_at_quantile values_at_quantiles", Why: "digests as values absent", Instead: "approx_percentile(x, p)"},
	{Name: "quantile_at_value", Why: "digests as values absent", Instead: "avg(if(x <= v, 1e0, 0e0))"},
	{Name: "objectid objectid_timestamp timestamp_objectid", Why: "object identifiers absent"},
	{Name: "exclude_columns", Why: "only within TABLE(…)", Instead: "SELECT with the columns named"},
	{Name: "word_stem", Why: "stems of words are absent"},
}

// Refused gives the functions of Trino that are refused, by name. It must not be changed.
func Refused() map[string]Refusal { return refused() }

var refused = sync.OnceValue(func() map[string]Refusal {
	m := map[string]Refusal{}
	for _, r := range refusedFunctions {
		for _, name := range strings.Fields(r.Name) {
			m[name] = Refusal{Name: name, Why: r.Why, Instead: r.Instead}
		}
	}
	return m
})

// Foreign gives the names of functions of other dialects that Trino lacks, and what to write instead. It must not be changed.
func Foreign() map[string]string { return foreignFunctions }

// foreignFunctions are names of other dialects, and what Trino calls them.
var foreignFunctions = map[string]string{"datediff": "date_diff", "date_sub": "date_add with a negative number", "dateadd": "date_add", "ifnull": "coalesce",
	"nvl": "coalesce", "isnull": "x IS NULL", "len": "length", "get_json_object": "json_extract_scalar", "unix_timestamp": "to_unixtime", "instr": "strpos",
	"charindex": "strpos", "group_concat": "listagg(x, ',') WITHIN GROUP (ORDER BY x)", "string_agg": "listagg(x, ',') WITHIN GROUP (ORDER BY x)", "getdate": "now()",
	"median": "approx_percentile(x, 0.5)", "percentile_approx": "approx_percentile", "percentile_cont": "approx_percentile", "regexp_matches": "regexp_like",
	"substring_index": "split_part", "strftime": "date_format", "to_varchar": "cast(x AS varchar)", "list": "array_agg", "collect_list": "array_agg",
	"collect_set": "array_agg(DISTINCT x)", "size": "cardinality", "array_contains": "contains", "array_length": "cardinality", "array_size": "cardinality",
	"ucase": "upper", "lcase": "lower", "left": "substr(x, 1, n)", "right": "substr(x, -n)", "hash": "xxhash64(to_utf8(x))", "unhex": "from_hex", "hex": "to_hex",
	"explode": "CROSS JOIN UNNEST", "date_part": "extract(field FROM x)", "iif": "if", "decode": "CASE", "sysdate": "now()", "curdate": "current_date",
	"ends_with": "substr(x, -length(y)) = y", "array_first": "element_at(x, 1)", "array_last": "element_at(x, -1)", "regr_count": "count_if(x IS NOT NULL AND y IS NOT NULL)", "regr_r2": "power(corr(y, x), 2)",
	"regr_avgx": "avg(x)", "regr_avgy": "avg(y)", "approx_count_distinct": "approx_distinct", "arg_max": "max_by", "arg_min": "min_by", "bit_and": "bitwise_and_agg",
	"bit_or": "bitwise_or_agg", "bit_xor": "bitwise_xor_agg", "countif": "count_if", "logical_and": "bool_and", "logical_or": "bool_or"}
