# Build, run, test. `make help` lists the targets.
#
# One set of flags everywhere: each other set is a build cache of its own, and
# the window's C code takes minutes to compile.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TAGS := x11,migrated_fynedo
# The Go that .ci/setup fetched stands behind the one that is on the PATH already.
export PATH := $(PATH):$(CURDIR)/.cache/go/bin
GO := go
BUILD := $(CURDIR)/build
PROGRAMS := terminal desk registry gallery
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.1.4

.PHONY: help run demo test journey torture build gallery lint race fuzz bench fmt clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## bring up a registry with sample data and the doctor's window
	@if [ -z "$${DISPLAY:-}" ]; then \
	  echo "There is no display here (DISPLAY is not set), so no window can open."; \
	  echo "To see the whole product without one, as pictures in build/journey/:  make journey"; \
	  echo "To run the registry alone:  make demo"; exit 1; fi
	@$(MAKE) --no-print-directory build
	@ready=$$(mktemp -u); mkdir -p $(BUILD)/demo; \
	$(BUILD)/registry demo --data $(BUILD)/demo/registry --listen 127.0.0.1:8765 --ready-file $$ready & \
	registry=$$!; trap 'kill $$registry 2>/dev/null; wait $$registry 2>/dev/null; rm -f '$$ready EXIT; \
	for i in $$(seq 300); do [ -e $$ready ] && break; kill -0 $$registry 2>/dev/null || exit 1; sleep 0.1; done; \
	echo; echo "The staff's window:  build/desk --registry http://127.0.0.1:8765"; echo; \
	$(BUILD)/terminal --registry http://127.0.0.1:8765 --data $(BUILD)/demo/terminal

demo: build ## the registry with sample data alone
	@mkdir -p $(BUILD)/demo && exec $(BUILD)/registry demo --data $(BUILD)/demo/registry --listen 127.0.0.1:8765

test: ## all tests; installs what they need first
	@.ci/setup test
	DINGKAO_REQUIRE_POSTGRES=1 DINGKAO_REQUIRE_TOOLS=1 $(GO) test -tags $(TAGS) ./...

journey: ## the real programs in a virtual display, driven as people would; pictures in build/journey/
	@.ci/setup journey
	@mkdir -p $(BUILD)
	$(GO) build -tags $(TAGS) -o $(BUILD)/registry ./cmd/registry
	$(GO) build -tags $(TAGS),journey -o $(BUILD)/journey-terminal ./cmd/terminal
	$(GO) build -tags $(TAGS),journey -o $(BUILD)/journey-desk ./cmd/desk
	$(GO) run -tags $(TAGS) ./cmd/journey --programs $(BUILD) --out $(BUILD)/journey

torture: ## exams through kills, cuts, doubles, full disks and wrong clocks: nothing acknowledged is lost (ROUNDS=500, SEED=)
	@.ci/setup build
	$(GO) test -tags $(TAGS) ./sync/torture -count=1 -v -timeout 40m -rounds $${ROUNDS:-500} -seed $${SEED:-0}

build: ## the programs, into build/
	@.ci/setup build
	@mkdir -p $(BUILD)
	@for p in $(PROGRAMS); do echo "building $$p"; $(GO) build -tags $(TAGS) -o $(BUILD)/$$p ./cmd/$$p; done

gallery: build ## every screen in every state, as PNG in build/gallery/
	$(BUILD)/gallery --out $(BUILD)/gallery

lint: ## gofmt, vet, staticcheck, known weaknesses
	@.ci/setup build
	@bad=$$(gofmt -l assets cmd exam proctor sync ui 2>/dev/null || true); if [ -n "$$bad" ]; then echo "not formatted: $$bad"; exit 1; fi
	$(GO) vet -tags $(TAGS) ./...
	$(GO) run $(STATICCHECK) -tags $(TAGS) ./...
	@out=$$($(GO) run $(GOVULNCHECK) -tags $(TAGS) ./... 2>&1) && echo "govulncheck: nothing known" || { \
	  if grep -qE 'fetching vulnerabilities|no such host|Forbidden|connection refused|dial tcp|unexpected status' <<<"$$out"; then \
	    echo "govulncheck: its data cannot be reached from here, not checked"; else echo "$$out"; exit 1; fi; }

race: ## all tests under the race detector, the longest tables shortened
	@.ci/setup test
	DINGKAO_REQUIRE_POSTGRES=1 $(GO) test -race -short -tags $(TAGS) ./...

fuzz: ## a minute on each parser of what comes from outside
	@for t in $$(grep -rl --include='*_test.go' '^func Fuzz' . ); do d=$$(dirname $$t); \
	  for f in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$t); do echo "== $$d $$f"; $(GO) test -tags $(TAGS) $$d -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-60s}; done; done

bench: ## the benchmarks
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -benchmem ./...

fmt: ## gofmt
	gofmt -w assets cmd exam sync ui

clean: ## what was built; fetched fonts and Go stay
	rm -rf $(BUILD)
