# Needs make and Python 3.10 or newer; everything else is installed into .venv.
#   make demo      a small support bot answers, and its telemetry is shown
#   make test      all checks and tests; real backends where they are installed
#   make backends  install Jaeger, the Collector and Phoenix into the user's cache, for the tests
#   make lint      the checks alone
#   make bench     measure what a turn costs, beside OpenTelemetry by hand and other SDKs
#   make bench-redaction  measure what redaction finds and what it costs, beside other redactors
#   make bench-signals    measure what the detectors find, by source, and what real runs meant
#   make bench-gate  fail when a turn takes more instructions than was accepted
#   make peers     install other SDKs into the user's cache, for the tests beside them
#   make docs      build the documentation into site/, strictly
#   make clean     remove what these made, except .venv and backends

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PYTEST_ARGS ?=
BACKENDS_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test backends lint bench bench-redaction bench-signals bench-gate peers docs clean

help:
	@sed -n 's/^#   //p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "convqa-sdk needs Python 3.10 or newer; name one with PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV), which may take a minute ..."
	$(PIP) --editable '.[example]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) 'pip>=25.1'
	$(PIP) --editable '.[redaction,yaml,redis,flags,fast,prices,example]' --group dev
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/convqa demo
	@echo "Here convqa is $(BIN)/convqa."

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python tools/generate_docs.py --check

backends:
	$(PYTHON) tools/backends $(BACKENDS_ARGS)

test: lint
	$(BIN)/pytest -rs --cov --cov-branch --cov-report=term:skip-covered $(PYTEST_ARGS)

docs: $(VENV)/.dev
	$(BIN)/python tools/generate_docs.py --check
	$(BIN)/zensical build --strict --clean

clean:
	rm -rf site build dist htmlcov .coverage .coverage.* .cache .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

bench: $(VENV)/.dev
	nice $(BIN)/python benchmarks/overhead/environments.py
	$(BIN)/python benchmarks/overhead $(BENCH_ARGS)

bench-redaction: $(VENV)/.dev
	nice $(BIN)/python benchmarks/overhead/environments.py presidio scrubadub datafog
	$(BIN)/python benchmarks/redaction --peers $(BENCH_ARGS)

bench-signals: $(VENV)/.dev
	$(BIN)/python benchmarks/signals $(BENCH_ARGS)
	$(BIN)/python benchmarks/signals/runs.py $(BENCH_ARGS)

bench-gate: $(VENV)/.dev
	$(BIN)/python benchmarks/overhead/instructions.py --gate

PEERS := $(or $(CONVQA_PEERS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/convqa-sdk/peers)
peers: $(PEERS)/.installed

$(PEERS)/.installed: pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet 'pip>=25.1'
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --group peers
	@touch $@
