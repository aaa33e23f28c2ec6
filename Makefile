# The two commands are `make demo` and `make test`; both set up everything they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ORDERS ?= 20000
# Trust what the machine trusts: company networks have their own certificates.
export UV_SYSTEM_CERTS := true

.PHONY: help setup demo build test test-slow check lint types bench models real-data stop clean

help: ## What there is, one line each
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "==> Virtual environment and locked dependencies"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready ## Virtual environment with locked dependencies

build: setup ## The demo business, landed, built and published; no servers
	@echo "==> Demo business ($(ORDERS) orders)"
	@$(BIN)/orderhouse demo --orders $(ORDERS)
	@echo "==> Ingest, dbt, gates, publish (Dagster job, in process)"
	@$(BIN)/orderhouse build

demo: build ## Everything, then the app on 127.0.0.1:8501 and Dagster on 127.0.0.1:3000
	@echo "==> Servers"
	@$(BIN)/orderhouse serve --background

stop: ## Stop the servers that `make demo` started
	@$(BIN)/orderhouse stop

system-packages:
	@bash tests/support/system_packages.sh

test: setup system-packages ## Every test but the slow ones, with real Chromium and PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: setup system-packages ## The slow suites
	@$(BIN)/python -m pytest -m slow

lint: setup ## ruff, sqlfluff, yamllint, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/yamllint -s dbt_project orderhouse ingestion pipelines
	@$(BIN)/sqlfluff lint --disable-progress-bar -q dbt_project/models

types: setup ## basedpyright
	@$(BIN)/basedpyright

check: lint types test ## What CI runs

real-data: setup ## What becomes of every file of real systems; writes docs/real-data.md
	@$(BIN)/python -m benchmarks.real_data --write docs/real-data.md

models: setup ## Every model with its reason, rows and build time, of the last full build; writes docs/models.md
	@$(BIN)/python -m benchmarks.models --write docs/models.md

bench: setup ## Benchmarks at 250k orders; see benchmarks/README.md
	@$(BIN)/python -m benchmarks.run

clean: ## Remove the environment and the home of this folder
	@rm -rf $(VENV) .orderhouse
