package pipeline

import "strings"

// Setting is a setting of `loglake serve`: a key below server in the file, a flag and a variable of the environment, which
// have the same name. The flag wins, then the variable, then the file, then the default.
type Setting struct {
	Key     string // aws_addr
	Default string
	Usage   string // one line

	path bool // in the file it is relative to the file
	of   func(*Server) *string
}

// Flag is the setting as a flag, without the dashes in front.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Key, "_", "-") }

// Variable is the setting in the environment.
func (s Setting) Variable() string { return "LOGLAKE_" + strings.ToUpper(s.Key) }

// Of gives the setting's place in a Server.
func (s Setting) Of(server *Server) *string { return s.of(server) }

// Settings are all settings of the server.
func Settings() []Setting {
	return []Setting{
		{Key: "data", Default: "./lake", path: true, of: func(s *Server) *string { return &s.Data },
			Usage: "data folder; made where it is not there"},
		{Key: "aws_addr", Default: "127.0.0.1:4566", of: func(s *Server) *string { return &s.AWSAddr },
			Usage: "address of the AWS services"},
		{Key: "http_addr", Default: "127.0.0.1:4580", of: func(s *Server) *string { return &s.HTTPAddr },
			Usage: "address of native HTTP"},
		{Key: "account", Default: "000000000000", of: func(s *Server) *string { return &s.Account },
			Usage: "account in ARNs, 12 digits"},
		{Key: "region", Default: "us-east-1", of: func(s *Server) *string { return &s.Region },
			Usage: "region in ARNs"},
		{Key: "credentials", path: true, of: func(s *Server) *string { return &s.Credentials },
			Usage: "file with key pairs, as ~/.aws/credentials has them"},
		{Key: "tls_cert", path: true, of: func(s *Server) *string { return &s.TLSCert },
			Usage: "certificate (PEM) of both addresses"},
		{Key: "tls_key", path: true, of: func(s *Server) *string { return &s.TLSKey },
			Usage: "its key (PEM)"},
	}
}

// serverKeys are the settings as keys of the file.
func serverKeys() []key {
	examples := map[string]string{
		"data": "/var/lib/loglake", "aws_addr": "':4566'", "http_addr": "127.0.0.1:8080", "account": "'123456789012'",
		"region": "ap-northeast-2", "credentials": "credentials", "tls_cert": "server.pem", "tls_key": "server-key.pem",
	}
	var keys []key
	for _, s := range Settings() {
		doc := strings.ToUpper(s.Usage[:1]) + s.Usage[1:] + "."
		if s.path {
			doc += " Relative to the folder of the file."
		}
		doc += " `--" + s.Flag() + "`, `" + s.Variable() + "`."
		preset := ""
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		keys = append(keys, key{name: s.Key, doc: doc, preset: preset, example: examples[s.Key]})
	}
	return keys
}
