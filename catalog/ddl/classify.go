package ddl

// IsDDL tells whether a statement belongs to the Hive grammar, which Parse reads, and not to Trino's. It looks at the
// first words only, over comments, so it answers for broken texts too; what it does not know is Trino's.
func IsDDL(sql string) bool {
	l := lexer{sql: sql}
	var words [3]token
	for i := range words {
		t, err := l.next()
		if err != nil {
			break
		}
		words[i] = t
	}
	first, second := words[0], words[1]
	switch {
	case first.is("MSCK"):
		return true
	case first.is("ALTER"):
		return second.is("TABLE") || second.is("DATABASE") || second.is("SCHEMA")
	case first.is("DROP"):
		return second.is("TABLE") || second.is("DATABASE") || second.is("SCHEMA")
	case first.is("CREATE"):
		return second.is("DATABASE") || second.is("SCHEMA") || second.is("EXTERNAL") || second.is("TABLE") && !isCTAS(sql)
	case first.is("DESCRIBE"), first.is("DESC"):
		return !second.is("INPUT") && !second.is("OUTPUT")
	case first.is("SHOW"):
		return !second.is("FUNCTIONS") && !(second.is("CREATE") && words[2].is("VIEW"))
	}
	return false
}

// isCTAS tells whether a CREATE TABLE has an AS outside of all parentheses that is not that of STORED AS.
func isCTAS(sql string) bool {
	l := lexer{sql: sql}
	depth := 0
	var before token
	for {
		t, err := l.next()
		if err != nil || t.kind == tokenEnd {
			return false
		}
		switch {
		case t.kind == tokenSymbol && t.text == "(":
			depth++
		case t.kind == tokenSymbol && t.text == ")":
			depth--
		case depth == 0 && t.is("AS") && !before.is("STORED"):
			return true
		}
		before = t
	}
}
