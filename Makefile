# The targets are listed by `make`. Set-up on a fresh machine is two commands: `make demo` runs the main job on the
# embedded default, `make test` passes the tests. Both check the toolchain first and say what to install.

GO       ?= go
SEEDS    ?= 50
PARALLEL ?= 4
T        ?= 30s
LINES    ?= 1000000
RATE     ?= 10000
DURATION ?= 10m
STATIC   := honnef.co/go/tools/cmd/staticcheck@v0.8.2
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X main.version=$(VERSION)
LIVES     = -count=1 -timeout 12h -v -parallel $(PARALLEL) -seeds $(SEEDS) $(if $(SEED),-seed $(SEED)) -artifacts -outputdir bin/crash
export CGO_ENABLED ?= 1

.DEFAULT_GOAL := help
.PHONY: help toolchain build build-nocgo test race lint crash faults power s3 fuzz bench latency soak demo clients web tour terraform contrib examples trino-diff trino-record compat

help: toolchain ## list the targets (the default)
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

toolchain: ## check that Go and a C++ compiler are there
	@command -v $(GO) >/dev/null || { echo "Go is missing. Install Go 1.26 or newer: Debian and Ubuntu 'apt-get install golang-go' (or go.dev/dl), macOS 'brew install go'."; exit 1; }
	@$(GO) version | awk '{ split(substr($$3, 3), v, "."); if (v[1] < 1 || v[1] == 1 && v[2] < 26) { print "Go 1.26 or newer is needed, this is " $$3 ": see go.dev/dl."; exit 1 } }'
	@test "$(CGO_ENABLED)" = 0 || command -v $${CXX:-c++} >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || { \
		echo "A C++ compiler is missing; the query engine (DuckDB) links with one."; \
		echo "Install it: Debian and Ubuntu 'apt-get install g++', Fedora 'dnf install gcc-c++', Alpine 'apk add g++', macOS 'xcode-select --install'."; \
		echo "Without one, 'make build-nocgo' builds everything but SQL."; exit 1; }

build: toolchain ## build bin/loglake
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/loglake ./cmd/loglake

build-nocgo: ## build bin/loglake-static: no C++ toolchain, no SQL engine
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o bin/loglake-static ./cmd/loglake

demo: build ## run the whole chain on a temporary folder and stay up (EXIT=1 leaves)
	bin/loglake demo $(if $(EXIT),--exit) $(ARGS)

test: toolchain ## run all tests
	$(GO) test ./...

race: toolchain ## run the tests under the race detector
	$(GO) test -race -short ./...

lint: toolchain ## vet, staticcheck, gofmt and the house rules
	$(GO) vet ./...
	$(GO) run $(STATIC) ./...
	@test -z "$$(gofmt -l .)" || { echo "not gofmt'ed:"; gofmt -l .; exit 1; }
	$(GO) test ./internal/house

crash: build ## kill the binary under load, SEEDS times, PARALLEL at once, and account for every event (SEED= runs one again)
	@mkdir -p bin/crash
	LOGLAKE_BIN=$(CURDIR)/bin/loglake $(GO) test ./test/crash -run TestKill $(LIVES)

power: toolchain ## cut the power under a whole server, SEEDS times, on a disk that forgets what was not synced (the same)
	@mkdir -p bin/crash
	$(GO) test ./test/crash -run TestPower $(LIVES)

trino-diff: build ## compare the dialect with a real Trino: its examples, generated queries, tables (skips, and says so, without; TRINO_URL= asks one that runs)
	test/trino/run diff

trino-record: toolchain ## write what the Trino answers to examples without an answer into query/dialect/testdata/trino (ALL=1: to all; the same)
	test/trino/run record

s3: toolchain ## try the S3 store and the whole server against a real S3 server that fails (FULL=1: every case; skips, and says so, without)
	test/s3/run

faults: toolchain ## fail every write of the program, undone and done, and cut the power around it (the long form of what make test chooses from)
	$(GO) test ./internal/house -run TestWrites -count=1 -v
	$(GO) test $$(grep -rl --include='*_test.go' -e disk/faulttest -e state/statetest . | xargs -n1 dirname | grep -v internal/house | sort -u) -count=1 -timeout 60m -run Faults -full

compat: ## write docs/compat/sql.md, the page of what works, from the registry of query/dialect
	$(GO) test ./query/dialect/internal/compat -run TestPage -count=1 -update

fuzz: toolchain ## fuzz every parser and format for T each (a time, or a number of runs: 1000x)
	@for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
			echo "$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(T) || exit 1; done; done

bench: toolchain ## Go benchmarks; docs/benchmarks.md says how to compare whole processes
	$(GO) test -run '^$$' -bench . -benchmem ./...

soak: build ## keep everything going for DURATION and draw what could grow, into docs/benchmarks; wants a quiet machine
	$(GO) build -o bin/load ./test/load
	test/soak/run $(DURATION)

latency: build ## how long an application's write(2) takes under capture (LINES=, RATE=), into docs/benchmarks; wants a quiet machine
	$(GO) build -o bin/latency ./test/latency
	bin/latency -bin bin/loglake -lines $(LINES) -rate $(RATE)

clients: build ## drive the binary with boto3, the AWS CLI and pyarrow (installs them into .venv)
	test/clients/run

web: build ## drive the page in a browser (Node.js and Chromium; skips, and says so, without)
	LOGLAKE=$(CURDIR)/bin/loglake test/web/run

tour: build ## run the README's tour and docs/story.md, and compare their output
	test/tour/run

terraform: build ## have the real Terraform make, use and take away a pipeline, where it is installed
	test/terraform/run

contrib: build ## test the middlewares in their runtimes (Go, Node.js, Java, Python; skips, and says so, what is not there)
	test/contrib/run

examples: build ## run the examples of docs/testing.md (the same)
	test/embedding/run
