# Cutroom. `make` alone tells what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test bench check cluster generate setup setup-test build tools tools-test format generated vet lint types

# A foreign setting of the shell must not lead the tests elsewhere; CI tells tests that skipping is failing.
unexport PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD
VENDOR := static/vendor/htmx.min.js static/vendor/tus.min.js
GO_FILES = $$(git ls-files -co --exclude-standard '*.go')
LINT := go tool -modfile=tools.mod golangci-lint

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup build ## everything for the demo, then the demo at CUTROOM_LISTEN (127.0.0.1:8080); Ctrl-C ends it
	@exec bin/cutroom dev

test: setup-test ## everything for the tests, then every test, browser tests too
	node --test $$(git ls-files -co --exclude-standard 'static/js/*.test.js')
	go test -json -timeout 20m ./... | node .ci/report.mjs

bench: setup ## the benchmarks: one table, and JSON lines in .data/bench.jsonl
	@mkdir -p .data
	BENCH_OUT=$(CURDIR)/.data/bench.jsonl go test -tags bench -count=1 -v -run '^TestBench$$' -timeout 40m ./web

check: format generated vet lint types ## format, generated code, vet, lint, types, import rule
	go test -run '^TestImportRule' ./web

cluster: setup build ## three pages nodes, two job nodes and a balancer on one machine; balancer at CUTROOM_LISTEN
	@exec bin/cutroom cluster

generate: ## Go code from templ pages
	go tool templ generate -path .

setup: tools $(VENDOR) ## what run needs: PostgreSQL server, ffmpeg, front-end packages

setup-test: tools-test $(VENDOR) .python/installed

build:
	@mkdir -p bin
	go build -ldflags "-X main.commit=$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo devel)" -o bin/cutroom ./web

# ---- tools of the machine: by apt where root or sudo is there, else one line each

MISSING = missing=""; \
	{ command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || missing="$$missing postgresql"; \
	{ command -v ffmpeg && command -v ffprobe; } >/dev/null 2>&1 || missing="$$missing ffmpeg"
MISSING_TEST = command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium fonts-dejavu-core"; \
	python3 -m pip --version >/dev/null 2>&1 || missing="$$missing python3-pip"
INSTALL = command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }; \
	[ -n "$$missing" ] || exit 0; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	if command -v apt-get >/dev/null && { [ -z "$$sudo" ] || sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; }; then \
	  echo "Installing$$missing"; \
	  $$sudo apt-get update -q >/dev/null; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing >/dev/null; \
	else \
	  for name in $$missing; do echo "$$name is missing: install it, on Debian and Ubuntu with apt-get install $$name" >&2; done; exit 1; \
	fi

tools:
	@$(MISSING); $(INSTALL)

tools-test:
	@$(MISSING); $(MISSING_TEST); $(INSTALL)

# ---- front-end packages: from npm by the lock file, copied to where the program embeds them

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-progress
	@touch $@

# ---- a learning platform by others, for tests: from PyPI in fixed versions, into a folder of its own

.python/installed: internal/lti/otherplatform/requirements.txt
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary :all: --upgrade --target .python --requirement $<
	@touch $@

static/vendor/htmx.min.js: node_modules/.package-lock.json
	@cp node_modules/htmx.org/dist/htmx.min.js $@

static/vendor/tus.min.js: node_modules/.package-lock.json
	@cp node_modules/tus-js-client/dist/tus.min.js $@

# ---- parts of check

format:
	@bad=$$(gofmt -l $(GO_FILES)); [ -z "$$bad" ] || { echo "gofmt would change: $$bad"; exit 1; }

generated: generate
	@bad=$$(git status --porcelain -- '*_templ.go'); [ -z "$$bad" ] || { echo "generated code is not committed, or not up to date:"; echo "$$bad"; exit 1; }

vet:
	go vet ./...
	go vet -tags bench,preview ./web ./views

lint:
	$(LINT) run --allow-parallel-runners

types: node_modules/.package-lock.json
	npx tsc -p .
