package dialect

func (s *Scan) evaluateLike(c *callExpr, partition map[string]string) partial {
	var texts [3]string
	for i, arg := range c.args {
		v := s.evaluate(arg, partition)
		if !v.known || v.value == nil {
			return v
		}
		texts[i], _ = v.value.(string)
	}
	return known(likeMatches([]rune(texts[0]), likeTokens(texts[1], texts[2])))
}

// likeToken is a character of a pattern, or a wildcard.
type likeToken struct {
	char rune
	any  bool // _
	many bool // %
}

func likeTokens(pattern, escape string) []likeToken {
	var tokens []likeToken
	escaped := false
	for _, c := range pattern {
		switch {
		case !escaped && escape != "" && string(c) == escape:
			escaped = true
			continue
		case !escaped && c == '%':
			tokens = append(tokens, likeToken{many: true})
		case !escaped && c == '_':
			tokens = append(tokens, likeToken{any: true})
		default:
			tokens = append(tokens, likeToken{char: c})
		}
		escaped = false
	}
	return tokens
}

// likeMatches matches in O(len(text) × len(pattern)) at worst, going back to the last % only.
func likeMatches(text []rune, pattern []likeToken) bool {
	t, p, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p].many:
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p].any || pattern[p].char == text[t]):
			t, p = t+1, p+1
		case star >= 0:
			mark++
			t, p = mark, star+1
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].many {
		p++
	}
	return p == len(pattern)
}
