package dialect

// grammarText is Trino's grammar as far as error messages need it, in a notation of its own: a rule a line, alternatives
// with |, ? * as usual, words of the language in upper case, symbols in quotes, other rules in lower case. DEAD is a token
// that no text has: what follows is of no interest, as the parser refuses the construct by name. A name in < > is what
// messages call the rule.
const grammarText = `
single = statement EOF
statement = query
 | EXPLAIN ("(" option ("," option)* ")")? statement
 | EXPLAIN ANALYZE VERBOSE? statement
 | PREPARE identifier FROM statement
 | EXECUTE identifier (USING expression ("," expression)*)?
 | EXECUTE IMMEDIATE DEAD
 | DEALLOCATE PREPARE identifier
 | CREATE TABLE (IF NOT EXISTS)? qualified columns? (COMMENT string)? (WITH properties)? AS created (WITH NO? DATA)?
 | CREATE TABLE (IF NOT EXISTS)? qualified "(" qualified type DEAD
 | INSERT INTO qualified columns? root
 | SHOW FUNCTIONS ((FROM | IN) qualified)? (LIKE string (ESCAPE string)?)?
 | UNLOAD "(" query ")" TO string (WITH properties)?
 | ALTER DEAD | ANALYZE DEAD | CALL DEAD | COMMENT DEAD | COMMIT DEAD | DELETE DEAD | DENY DEAD | DESC DEAD | DESCRIBE DEAD
 | DROP DEAD | GRANT DEAD | MERGE DEAD | REFRESH DEAD | RESET DEAD | REVOKE DEAD | ROLLBACK DEAD | SET DEAD | SHOW CATALOGS DEAD
 | START DEAD | TRUNCATE DEAD | UPDATE DEAD | USE DEAD
option = FORMAT formatOption | TYPE typeOption
formatOption = TEXT | GRAPHVIZ | JSON
typeOption = LOGICAL | DISTRIBUTED | VALIDATE | IO
properties = "(" property ("," property)* ")"
property = identifier "=" propertyValue
propertyValue = DEFAULT | expression
root = WITH DEAD | query
created = root | "(" root ")"
query <query> = with? queryNoWith
with = WITH RECURSIVE? named ("," named)* | WITH FUNCTION DEAD | WITH SESSION DEAD
named = identifier columns? AS "(" query ")"
queryNoWith = term (ORDER BY sort ("," sort)*)? (OFFSET count (ROW | ROWS)?)? (LIMIT limit | FETCH (FIRST | NEXT) count? (ROW | ROWS) (ONLY | WITH TIES))?
limit = ALL | count
count = INTEGER | "?"
term = queryPrimary ((INTERSECT | UNION | EXCEPT) quantifier? CORRESPONDING? queryPrimary)*
quantifier = DISTINCT | ALL
queryPrimary = SELECT quantifier? item ("," item)* (FROM relation ("," relation)*)? (WHERE expression)? (GROUP BY groups)? (HAVING expression)? (WINDOW windowed ("," windowed)*)?
 | TABLE qualified
 | VALUES expression ("," expression)*
 | "(" queryNoWith ")"
sort = expression (ASC | DESC)? (NULLS (FIRST | LAST))?
item = expression (AS? identifier)? | primary "." "*" (AS columns)? | "*"
groups = quantifier? grouping ("," grouping)*
grouping = AUTO | set | ROLLUP "(" (set ("," set)*)? ")" | CUBE "(" (set ("," set)*)? ")" | GROUPING SETS "(" set ("," set)* ")"
set = "(" (expression ("," expression)*)? ")" | expression
windowed = identifier AS "(" window ")"
relation = sampled (CROSS JOIN sampled | joinType JOIN relation criteria | NATURAL joinType JOIN sampled)*
joinType = INNER? | LEFT OUTER? | RIGHT OUTER? | FULL OUTER?
criteria = ON expression | USING "(" identifier ("," identifier)* ")"
sampled = aliased (MATCH_RECOGNIZE DEAD)? (TABLESAMPLE (BERNOULLI | SYSTEM) "(" expression ")")?
aliased = relationPrimary (AS? identifier columns?)?
columns = "(" identifier ("," identifier)* ")"
relationPrimary = qualified (FOR (TIMESTAMP | VERSION) DEAD)?
 | "(" query ")"
 | UNNEST "(" expression ("," expression)* ")" (WITH ORDINALITY)?
 | LATERAL "(" query ")"
 | TABLE "(" function ")"
 | "(" relation ")"
 | JSON_TABLE DEAD
function = qualified "(" (argument ("," argument)*)? (COPARTITION DEAD)? ")"
argument = TABLE DEAD | DESCRIPTOR DEAD | CAST DEAD | expression ("=>" expression)?
qualified = identifier ("." identifier)*
expression <expression> = condition ((AND | OR) condition)*
condition <expression> = value predicate? | NOT condition
predicate <predicate> = comparison value
 | comparison (ALL | SOME | ANY) "(" query ")"
 | NOT? BETWEEN value AND value
 | NOT? IN "(" expression ("," expression)* ")"
 | NOT? IN "(" query ")"
 | NOT? LIKE value (ESCAPE value)?
 | IS NOT? NULL
 | IS NOT? DISTINCT FROM value
comparison = "=" | "<>" | "!=" | "<" | "<=" | ">" | ">="
value <expression> = signed (("*" | "/" | "%" | "+" | "-" | "||") signed)*
signed <expression> = primary (AT TIME ZONE zone)* | "-" signed | "+" signed
zone = interval | string
primary <expression> = atom ("." identifier | "[" value "]")*
atom <expression> = NULL | interval | identifier string | DOUBLE PRECISION string | NUMBER | INTEGER | TRUE | FALSE | string | BINARY | "?"
 | POSITION "(" value IN value ")"
 | "(" expression ("," expression)* "," expression ")"
 | ROW "(" expression ("," expression)* ")"
 | LISTAGG "(" quantifier? expression ("," string)? (ON OVERFLOW overflow)? ")" WITHIN GROUP "(" ORDER BY sort ("," sort)* ")" filter?
 | qualified "(" (label ".")? "*" ")" filter? over?
 | qualified "(" (quantifier? expression ("," expression)*)? (ORDER BY sort ("," sort)*)? ")" filter? (nulls? over)?
 | identifier over
 | identifier "->" expression
 | "(" (identifier ("," identifier)*)? ")" "->" expression
 | "(" query ")"
 | EXISTS "(" query ")"
 | CASE expression when when* (ELSE expression)? END
 | CASE when when* (ELSE expression)? END
 | CAST "(" expression AS type ")"
 | TRY_CAST "(" expression AS type ")"
 | ARRAY "[" (expression ("," expression)*)? "]"
 | identifier
 | CURRENT_DATE | CURRENT_USER | CURRENT_CATALOG | CURRENT_SCHEMA | CURRENT_PATH
 | CURRENT_TIME ("(" INTEGER ")")? | CURRENT_TIMESTAMP ("(" INTEGER ")")? | LOCALTIME ("(" INTEGER ")")? | LOCALTIMESTAMP ("(" INTEGER ")")?
 | TRIM "(" ((LEADING | TRAILING | BOTH)? value? FROM)? value ")"
 | TRIM "(" value "," value ")"
 | SUBSTRING "(" value FROM value (FOR value)? ")"
 | NORMALIZE "(" value ("," (NFD | NFC | NFKD | NFKC))? ")"
 | EXTRACT "(" identifier FROM value ")"
 | "(" expression ")"
 | GROUPING "(" (qualified ("," qualified)*)? ")"
 | JSON_EXISTS "(" invocation ((TRUE | FALSE | UNKNOWN | ERROR) ON ERROR)? ")"
 | JSON_VALUE "(" invocation (RETURNING type)? (valueElse ON EMPTY)? (valueElse ON ERROR)? ")"
 | JSON_QUERY "(" invocation (RETURNING type format?)? (wrapper WRAPPER)? ((KEEP | OMIT) QUOTES (ON SCALAR STRING)?)? (queryElse ON EMPTY)? (queryElse ON ERROR)? ")"
 | JSON_OBJECT "(" (member ("," member)* ((NULL | ABSENT) ON NULL)? ((WITH | WITHOUT) UNIQUE KEYS?)?)? (RETURNING type format?)? ")"
 | JSON_ARRAY "(" (formatted ("," formatted)* ((NULL | ABSENT) ON NULL)?)? (RETURNING type format?)? ")"
invocation = formatted "," string (AS identifier)? (PASSING passed ("," passed)*)?
formatted = expression format?
format = FORMAT JSON (ENCODING (UTF8 | UTF16 | UTF32))?
passed = formatted AS identifier
valueElse = ERROR | NULL | DEFAULT expression
queryElse = ERROR | NULL | EMPTY ARRAY | EMPTY OBJECT
wrapper = WITHOUT ARRAY? | WITH (CONDITIONAL | UNCONDITIONAL)? ARRAY?
member = KEY? expression VALUE formatted | expression ":" formatted
overflow = ERROR | TRUNCATE string? (WITH | WITHOUT) COUNT
nulls = IGNORE NULLS | RESPECT NULLS
when = WHEN expression THEN expression
filter = FILTER "(" WHERE expression ")"
over = OVER overWindow
overWindow = identifier | "(" window ")"
window = identifier? (PARTITION BY expression ("," expression)*)? (ORDER BY sort ("," sort)*)? frame?
frame = (MEASURES DEAD)? extent
extent = RANGE bound | ROWS bound | GROUPS bound | RANGE BETWEEN bound AND bound | ROWS BETWEEN bound AND bound | GROUPS BETWEEN bound AND bound
bound = UNBOUNDED PRECEDING | UNBOUNDED FOLLOWING | CURRENT ROW | expression (PRECEDING | FOLLOWING)
interval = INTERVAL ("+" | "-")? string unit (TO unit)?
unit = YEAR | MONTH | DAY | HOUR | MINUTE | SECOND
type <type> = typeBase (ARRAY ("[" INTEGER "]")?)*
typeBase <type> = ROW "(" field ("," field)* ")" | INTERVAL unit (TO unit)? | (TIMESTAMP | TIME) ("(" parameter ")")? ((WITH | WITHOUT) TIME ZONE)?
 | DOUBLE PRECISION | ARRAY "<" type ">" | MAP "<" type "," type ">" | identifier ("(" parameter ("," parameter)* ")")?
field = type | identifier type
parameter = INTEGER | type
label = NAME
identifier <identifier> = NAME
string <string> = STRING
`
