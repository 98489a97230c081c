module github.com/loglake/loglake/contrib/nethttp

go 1.24
