package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/server"
)

// configVariable names the file in the environment.
const configVariable = "LOGLAKE_CONFIG"

// configFile is the flag that names the file with the pipeline.
type configFile struct{ path string }

func (f *configFile) register(c *cobra.Command) {
	c.Flags().StringVar(&f.path, "config", "", "file with the pipeline and settings (default ./"+pipeline.FileName+", where it is there; "+configVariable+")")
	_ = c.MarkFlagFilename("config", "yaml", "yml") // the flag is there
}

// load reads the file that the flag names, or the environment, or the one that is there. It gives the file's name too, and
// neither where there is none that was named. A file that is wrong, or named and not there, is a usageError.
func (f *configFile) load() (p *pipeline.Pipeline, path string, err error) {
	path, named := f.path, "--config"
	if path == "" {
		path, named = os.Getenv(configVariable), configVariable
	}
	if path == "" {
		path, named = pipeline.FileName, ""
	}
	p, err = pipeline.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named == "":
		return nil, "", nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", usageError{loglake.Errorf(loglake.CodeNotFound, "there is no file %s, which %s names", path, named).
			WithHint("`loglake init --from FILE` writes one for lines that look like those of FILE")}
	case loglake.CodeOf(err) == loglake.CodeInvalid:
		return nil, "", usageError{err}
	}
	return p, path, err
}

// need is load where there has to be a file.
func (f *configFile) need() (p *pipeline.Pipeline, path string, err error) {
	p, path, err = f.load()
	if err == nil && p == nil {
		err = usageError{loglake.Errorf(loglake.CodeNotFound, "there is no file %s in this folder", pipeline.FileName).
			WithHint("name another one with --config, or have one written: `loglake init --from FILE` looks at the lines of FILE")}
	}
	return p, path, err
}

// serverFlags are what `serve` is told, by flags, the environment or the file.
type serverFlags struct {
	flags     pipeline.Server
	file      configFile
	ephemeral bool

	pipeline *pipeline.Pipeline // what config read; nil: there is no file
	path     string             // of the file
}

// register declares the flags, and with each the variable that stands for it.
func (f *serverFlags) register(c *cobra.Command) {
	for _, s := range pipeline.Settings() {
		c.Flags().StringVar(s.Of(&f.flags), s.Flag(), s.Default, s.Usage+" ("+s.Variable()+")")
	}
	f.file.register(c)
}

// settle gives every setting the value that wins: the flag's, the variable's, the file's or the default.
func (f *serverFlags) settle(c *cobra.Command) error {
	var err error
	if f.pipeline, f.path, err = f.file.load(); err != nil {
		return err
	}
	for _, s := range pipeline.Settings() {
		value := s.Of(&f.flags)
		if c.Flags().Changed(s.Flag()) {
			continue
		}
		if v := os.Getenv(s.Variable()); v != "" {
			*value = v
		} else if f.pipeline != nil && *s.Of(&f.pipeline.Server) != "" {
			*value = *s.Of(&f.pipeline.Server)
		}
	}
	return nil
}

// config makes a lake's configuration of the settings; temporary is a folder that the caller removes at the end.
func (f *serverFlags) config(c *cobra.Command) (cfg server.Config, temporary string, err error) {
	if err := f.settle(c); err != nil {
		return cfg, "", err
	}
	s := &f.flags
	if len(s.Account) != 12 || strings.Trim(s.Account, "0123456789") != "" {
		return cfg, "", usageError{fmt.Errorf("--account %q is not 12 digits", s.Account)}
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return cfg, "", usageError{errors.New("--tls-cert and --tls-key go together")}
	}
	if f.ephemeral {
		for name, p := range map[string]*string{"aws-addr": &s.AWSAddr, "http-addr": &s.HTTPAddr} {
			if !c.Flags().Changed(name) {
				*p = "127.0.0.1:0"
			}
		}
		if !c.Flags().Changed("data") {
			temporary = filepath.Join(os.TempDir(), "loglake-"+uuid.NewString())
			s.Data = temporary // made by Open
		}
	}
	cfg = server.Config{
		Dir: s.Data, AWSAddr: s.AWSAddr, HTTPAddr: s.HTTPAddr, Home: loglake.Home{Account: s.Account, Region: s.Region},
		TLS: server.TLS{CertFile: s.TLSCert, KeyFile: s.TLSKey}, Version: version,
	}
	if err := storeOf(&cfg, s); err != nil {
		return cfg, "", err
	}
	cfg.Credentials, err = keyPairs(s.Credentials)
	return cfg, temporary, err
}
