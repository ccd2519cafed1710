# `make serve` and `make test` need Python 3.11 or newer and set up the rest themselves.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help image serve test style types layers documents docs suite sockets package bench format clean chromium

help: ## this list
	@sed -nE 's/^([a-z]+):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

serve: $(VENV)/.serve ## run the simulator: make serve ARGS="--port 0"
	@$(BIN)/metersim serve $(ARGS)

test: style layers types documents suite sockets ## the whole gate

style: $(VENV)/.test ## formatting and lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check

layers: $(VENV)/.test ## who may import whom
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.test ## mypy, strict, tests included
	$(BIN)/mypy

documents: $(VENV)/.test lint/node_modules/.package-lock.json ## the OpenAPI documents
	$(REDOCLY) lint openapi/*.yaml --config lint/redocly.yaml --format stylish

docs: $(VENV)/.test ## the pages as a site, in build/site
	NO_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict --quiet

suite: $(VENV)/.test chromium ## tests with coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto --dist worksteal $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

sockets: $(VENV)/.test ## the tests that have three ways in, over sockets: once each, without a search
	$(BIN)/pytest --numprocesses auto --dist worksteal --over-sockets -m "not hypothesis"

package: $(VENV)/.test ## build both archives into dist/, and try the wheel with what pip finds for it
	rm -rf dist
	$(BIN)/python -m hatchling build
	METERSIM_TEST_RESOLVES=1 $(BIN)/python -m pytest -o timeout=600 tests/test_package.py

bench: $(VENV)/.serve ## measure cost against size, and show it in benchmarks/README.md
	$(BIN)/python -m benchmarks

image: $(VENV)/.test ## build the image and try it, by an engine of its own too; as root, with apt
	work=$$(mktemp -d) && container/build.sh $$work && python3 container/test.py $$work && \
	  container/engine.sh $$work $(BIN)/python container/by_engine.py $$work && rm -rf $$work

format: $(VENV)/.test ## format and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove all that was set up or measured
	rm -rf $(VENV) build dist lint/node_modules htmlcov .coverage .coverage.*
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up. Each stamp is younger than pyproject.toml, or its packages are installed again.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "metersim needs Python 3.11 or newer, and '$(PYTHON)' is not." \
	    "Name one that is: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.serve: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.serve

# Pages are tested in the system's browser: Playwright's own would be a download with each release of it.
chromium:
	@command -v $@ >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $@ >/dev/null; \
	else \
	  echo "Tests look at pages in chromium, and there is no such command here." \
	    "Install it, on Debian with: sudo apt-get install chromium" >&2; exit 1; \
	fi

# npm leaves this file when it is done. Both tools come from the virtual environment, and neither calls home.
REDOCLY = PATH="$(CURDIR)/$(BIN):$$PATH" REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
	lint/node_modules/.bin/redocly

lint/node_modules/.package-lock.json: lint/package-lock.json | $(VENV)/.test
	cd lint && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier
	@touch $@
