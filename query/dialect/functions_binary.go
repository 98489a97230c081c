package dialect

// calling makes a function that is a call into Go, its name there and here the same.
func calling(name, signature string, examples ...Example) Function {
	return Function{Name: name, Overloads: []Overload{{Signature: signature, SQL: "loglake_" + name + "($*)"}}, Examples: examples}
}

// binaryFunctions encode, decode and hash bytes.
func binaryFunctions() []Function {
	list := []Function{
		{Name: "to_utf8", Overloads: []Overload{{Signature: "varchar(x) -> varbinary", SQL: "encode($1)"}}, Examples: []Example{example("to_utf8('aé')", "61 c3 a9", "varbinary"), example("to_utf8('')", "", "varbinary"), example("to_utf8(NULL)", "NULL", "varbinary")}},
		{Name: "from_utf8", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "list_transform([{'v': $1}], lambda $a: coalesce(TRY(decode($a.v)), loglake_from_utf8($a.v, '\uFFFD')))[1]"},
			{Signature: "varbinary, varchar(x) -> varchar", SQL: "loglake_from_utf8($1, $2)"}, {Signature: "varbinary, bigint -> varchar", SQL: "loglake_from_utf8_code($1, $2)"}},
			Examples: []Example{example("from_utf8(X'61C3A9')", "aé", "varchar"), example("from_utf8(X'61FF62')", "a\uFFFDb", "varchar"), example("from_utf8(X'EDA08041')", "\uFFFDA", "varchar"), example("from_utf8(X'80808080')", "\uFFFD\uFFFD\uFFFD\uFFFD", "varchar"),
				example("from_utf8(X'F880808080')", "\uFFFD", "varchar"), example("from_utf8(NULL)", "NULL", "varchar"), example("from_utf8(X'61FF62', '?')", "a?b", "varchar"), example("from_utf8(X'61FF62', '')", "ab", "varchar"), example("from_utf8(X'61FF62', 63)", "a?b", "varchar"),
				failing("from_utf8(X'6162', 'ab')", CodeFunctionArgument), failing("from_utf8(X'6162', 55296)", CodeFunctionArgument)}},
		{Name: "to_hex", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "hex($1)"}}, Examples: []Example{example("to_hex(X'0aff')", "0AFF", "varchar"), example("to_hex(X'')", "", "varchar"), example("to_hex(NULL)", "NULL", "varchar")}},
		decoding("from_hex", example("from_hex('0AfF')", "0a ff", "varbinary"), example("from_hex(X'3041')", "0a", "varbinary"), example("from_hex(NULL)", "NULL", "varbinary"), failing("from_hex('0af')", CodeFunctionArgument), failing("from_hex('zz')", CodeFunctionArgument)),
		{Name: "to_base64", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "to_base64($1)"}}, Examples: []Example{example("to_base64(X'00ff')", "AP8=", "varchar"), example("to_base64(X'')", "", "varchar"), example("to_base64(NULL)", "NULL", "varchar")}},
		decoding("from_base64", example("from_base64('AP8=')", "00 ff", "varbinary"), example("from_base64('AP8')", "00 ff", "varbinary"), example("from_base64(X'4150383D')", "00 ff", "varbinary"), example("from_base64('')", "", "varbinary"),
			example("from_base64(cast(NULL AS varchar))", "NULL", "varbinary"), failing("from_base64('AP8==')", CodeFunctionArgument), failing("from_base64('AP-_')", CodeFunctionArgument), failing("from_base64('A')", CodeFunctionArgument)),
		{Name: "to_base64url", Overloads: []Overload{{Signature: "varbinary -> varchar", SQL: "translate(to_base64($1), '+/', '-_')"}}, Examples: []Example{example("to_base64url(X'fbff')", "-_8=", "varchar"), example("to_base64url(X'')", "", "varchar"), example("to_base64url(NULL)", "NULL", "varchar")}},
		decoding("from_base64url", example("from_base64url('-_8')", "fb ff", "varbinary"), example("from_base64url(X'2D5F383D')", "fb ff", "varbinary"), example("from_base64url(cast(NULL AS varchar))", "NULL", "varbinary"), failing("from_base64url('+/8=')", CodeFunctionArgument)),
		calling("to_base32", "varbinary -> varchar", example("to_base32(X'00ff')", "AD7Q====", "varchar"), example("to_base32(X'')", "", "varchar"), example("to_base32(NULL)", "NULL", "varchar")),
		decoding("from_base32", example("from_base32('AD7Q')", "00 ff", "varbinary"), example("from_base32('NBSWY3DP')", "68 65 6c 6c 6f", "varbinary"), example("from_base32(cast(NULL AS varchar))", "NULL", "varbinary"), failing("from_base32('nbswy3dp')", CodeFunctionArgument),
			failing("from_base32('A')", CodeFunctionArgument)),
	}
	return append(append(list, hashFunctions()...), byteOrderFunctions()...)
}

// decoding makes a function that takes a text or its bytes.
func decoding(name string, examples ...Example) Function {
	return Function{Name: name, Overloads: []Overload{{Signature: "varchar(x) -> varbinary", SQL: "loglake_" + name + "(encode($1))"}, {Signature: "varbinary -> varbinary", SQL: "loglake_" + name + "($1)"}}, Examples: examples}
}

func hashFunctions() []Function {
	const quick = "(to_utf8('the quick brown fox jumps over the lazy dog 0123456789'))"
	list := []Function{
		calling("sha512", "varbinary -> varbinary", example("to_hex(substr(sha512(to_utf8('abc')), 1, 8))", "DDAF35A193617ABA", "varchar"), example("length(sha512(X''))", "64", "bigint"), example("sha512(NULL)", "NULL", "varbinary")),
		calling("crc32", "varbinary -> bigint", example("crc32(to_utf8('abc'))", "891568578", "bigint"), example("crc32(X'')", "0", "bigint"), example("crc32(NULL)", "NULL", "bigint")),
		calling("xxhash64", "varbinary -> varbinary", example("to_hex(xxhash64(to_utf8('abc')))", "44BC2CF5AD770999", "varchar"), example("to_hex(xxhash64"+quick+")", "B98D13125E00E1FB", "varchar"), example("xxhash64(NULL)", "NULL", "varbinary")),
		calling("murmur3", "varbinary -> varbinary", example("to_hex(murmur3(to_utf8('abc')))", "6778AD3F3F3F96B4522DCA264174A23B", "varchar"), example("to_hex(murmur3"+quick+")", "F804ED28CE8248C10D90390341D511F0", "varchar"), example("murmur3(NULL)", "NULL", "varbinary")),
		calling("spooky_hash_v2_32", "varbinary -> varbinary", example("to_hex(spooky_hash_v2_32(to_utf8('abc')))", "7537C967", "varchar"), example("to_hex(spooky_hash_v2_32(X''))", "6BF50919", "varchar"), example("spooky_hash_v2_32(NULL)", "NULL", "varbinary")),
		calling("spooky_hash_v2_64", "varbinary -> varbinary", example("to_hex(spooky_hash_v2_64(to_utf8('abc')))", "8AAB15F77537C967", "varchar"), example("to_hex(spooky_hash_v2_64"+quick+")", "8598D96165E4F47C", "varchar"),
			example("to_hex(spooky_hash_v2_64(to_utf8(lpad('', 300, 'abcdefg'))))", "439AC3D13E0F51BA", "varchar"), example("to_hex(spooky_hash_v2_64(to_utf8(lpad('', 192, 'abcdefg'))))", "A6A1EF38335950FC", "varchar"),
			example("to_hex(spooky_hash_v2_64(to_utf8(lpad('', 47, 'abcdefg'))))", "1BC25290FB0A3C27", "varchar"), example("spooky_hash_v2_64(NULL)", "NULL", "varbinary")),
	}
	for _, h := range [...][3]string{{"md5", "900150983CD24FB0D6963F7D28E17F72", "16"}, {"sha1", "A9993E364706816ABA3E25717850C26C9CD0D89D", "20"},
		{"sha256", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", "32"}} {
		list = append(list, Function{Name: h[0], Overloads: []Overload{{Signature: "varbinary -> varbinary", SQL: "unhex(" + h[0] + "($1))"}},
			Examples: []Example{example("to_hex("+h[0]+"(to_utf8('abc')))", h[1], "varchar"), example("length("+h[0]+"(X''))", h[2], "bigint"), example(h[0]+"(NULL)", "NULL", "varbinary")}})
	}
	for _, h := range [...][2]string{{"hmac_md5", "75972C9C6569F2F407752DDB02AC79DE"}, {"hmac_sha1", "F9BEF091FE00D9F5128593836DBA99E193F08174"},
		{"hmac_sha256", "342E519CE0AD6C03A36B98EEB3F1D130DB4813B9DF4D1160EDA488D712DC78EE"}, {"hmac_sha512", ""}} {
		f := calling(h[0], "varbinary, varbinary -> varbinary", example("to_hex("+h[0]+"(to_utf8('abc'), to_utf8('k')))", h[1], "varchar"), example(h[0]+"(NULL, X'00')", "NULL", "varbinary"), failing(h[0]+"(X'00', X'')", CodeInternal))
		if h[1] == "" {
			f.Examples[0] = example("to_hex(substr("+h[0]+"(to_utf8('abc'), to_utf8('k')), 1, 8))", "BB9EC7701F7DE8A3", "varchar")
		}
		list = append(list, f)
	}
	return list
}

func byteOrderFunctions() []Function {
	return []Function{
		calling("to_big_endian_32", "integer -> varbinary", example("to_big_endian_32(258)", "00 00 01 02", "varbinary"), example("to_big_endian_32(-1)", "ff ff ff ff", "varbinary"), example("to_big_endian_32(NULL)", "NULL", "varbinary")),
		calling("to_big_endian_64", "bigint -> varbinary", example("to_big_endian_64(258)", "00 00 00 00 00 00 01 02", "varbinary"), example("to_big_endian_64(-2)", "ff ff ff ff ff ff ff fe", "varbinary"), example("to_big_endian_64(NULL)", "NULL", "varbinary")),
		calling("from_big_endian_32", "varbinary -> integer", example("from_big_endian_32(X'00000102')", "258", "integer"), example("from_big_endian_32(NULL)", "NULL", "integer"), failing("from_big_endian_32(X'000102')", CodeFunctionArgument)),
		calling("from_big_endian_64", "varbinary -> bigint", example("from_big_endian_64(X'FFFFFFFFFFFFFFFE')", "-2", "bigint"), example("from_big_endian_64(NULL)", "NULL", "bigint"), failing("from_big_endian_64(X'')", CodeFunctionArgument)),
		calling("to_ieee754_32", "real -> varbinary", example("to_ieee754_32(real '1.5')", "3f c0 00 00", "varbinary"), example("to_ieee754_32(cast(nan() AS real))", "7f c0 00 00", "varbinary"), example("to_ieee754_32(NULL)", "NULL", "varbinary")),
		calling("to_ieee754_64", "double -> varbinary", example("to_ieee754_64(1.5)", "3f f8 00 00 00 00 00 00", "varbinary"), example("to_ieee754_64(nan())", "7f f8 00 00 00 00 00 00", "varbinary"), example("to_ieee754_64(NULL)", "NULL", "varbinary")),
		calling("from_ieee754_32", "varbinary -> real", example("from_ieee754_32(X'3FC00000')", "1.5", "real"), example("from_ieee754_32(NULL)", "NULL", "real"), failing("from_ieee754_32(X'3FC0')", CodeFunctionArgument)),
		calling("from_ieee754_64", "varbinary -> double", example("from_ieee754_64(X'3FF8000000000000')", "1.5", "double"), example("from_ieee754_64(NULL)", "NULL", "double"), failing("from_ieee754_64(X'3FF8')", CodeFunctionArgument)),
	}
}
