# One command per purpose; `make` alone lists them. Needs GNU make and Python 3.11 or newer, nothing else:
# the environment is .venv, made on first use and brought up to date whenever pyproject.toml changes.

PYTHON ?= python3
ARGS ?=
VENV := .venv
APART := .venv-apart
BIN := $(VENV)/bin
GROUPS := test lint docs demo bench
STAMPS := $(GROUPS:%=$(VENV)/.installed-%)
# -qq: not a word unless it fails
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL: # two pips in one environment hurt each other

.PHONY: help
help: ## list the targets
	@echo "make TARGET [ARGS=...] [PYTHON=python3]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/.installed-dev ## make or renew .venv with every group: test, lint, docs, demo, bench

.PHONY: test
test: $(VENV)/.installed-test ## run every test, doc example included, under branch coverage (ARGS="tests/wire -k chunk")
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(ARGS)

.PHONY: apart
apart: $(APART)/.installed ## hold the contract with clients that need an environment of their own
	@$(APART)/bin/python -m pytest -q -p no:cacheprovider tests/cassettes/interceptors/test_contract_apart.py $(ARGS)

.PHONY: coverage
coverage: $(VENV)/.installed-test ## report what the last `make test` reached
	@if ls .coverage.* >/dev/null 2>&1; then $(BIN)/coverage combine --quiet; fi
	@$(BIN)/coverage report
	@$(BIN)/coverage html --quiet
	@echo "Line by line: build/coverage/index.html"

.PHONY: lint
lint: $(VENV)/.installed-lint ## ruff: rules and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: format
format: $(VENV)/.installed-lint ## ruff: format, and mend what can be mended safely
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: types
types: $(VENV)/.installed-lint $(VENV)/.installed-test $(VENV)/.installed-bench ## mypy --strict, tests and examples included
	@$(BIN)/mypy

.PHONY: contracts
contracts: $(VENV)/.installed-lint ## import-linter: who may import what
	@$(BIN)/lint-imports --no-logo

.PHONY: docs
docs: $(VENV)/.installed-docs ## build the documentation; a warning is an error
	@$(BIN)/sphinx-build --nitpicky --fail-on-warning --keep-going --quiet --fresh-env --builder html docs build/docs
	@echo "Documentation: build/docs/index.html"

.PHONY: demo
demo: $(VENV)/.installed-demo ## see it work: record a real server, replay it offline, serve it again, compare
	@$(BIN)/httplib-sim demo $(ARGS)

.PHONY: bench
bench: $(VENV)/.installed-bench ## measure (see benchmarks/)
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: build
build: $(VENV)/.installed-test ## build the source distribution and the wheel into dist/
	@$(BIN)/hatchling build -d dist

.PHONY: ci
ci: ## everything CI runs, as CI runs it
	@.ci/run

.PHONY: clean
clean: ## remove the environment and everything built
	rm -rf $(VENV) $(APART) build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A venv is made anew only where there is none; a changed pyproject.toml installs again, group by group.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "httplib-sim needs Python 3.11 or newer, but '$(PYTHON)' is: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12" >&2; \
		exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP_INSTALL) --upgrade 'pip>=25.1' # the first that knows dependency groups
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.made
	@echo "Installing httplib-sim with every group into $(VENV)"
	@$(PIP_INSTALL) --upgrade --editable . --group dev
	@touch $@ $(STAMPS)

$(STAMPS): $(VENV)/.installed-%: pyproject.toml | $(VENV)/.made
	@echo "Installing httplib-sim with group $* into $(VENV)"
	@$(PIP_INSTALL) --upgrade --editable . --group $*
	@touch $@

$(APART)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Making $(APART)"
	@$(BIN)/python -m venv --clear $(APART)
	@$(APART)/bin/python -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(APART)/bin/python -m pip install -qq --disable-pip-version-check --editable . --group apart
	@touch $@
