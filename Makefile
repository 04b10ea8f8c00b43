# make lab | lab-headless | test | check | bench | words | lock
#
# The environment is .venv, with exactly what requirements.lock names; uv makes it where uv is there, else venv and pip.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCALE := sparkdr_tui/locale
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help install lab lab-headless test check bench words lock clean

help:
	@sed -n '1s/^# //p' Makefile

install: $(READY)

$(READY): requirements.lock pyproject.toml
ifneq ($(shell command -v uv),)
	@test -x $(BIN)/python || uv venv --quiet --python '>=3.11' $(VENV)
	uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	@test -n "$(PYTHON)" || { echo "sparkdr-tui needs Python 3.11 or newer (or uv); none was found on PATH." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
		{ echo "$(PYTHON) cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv." >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

lab: $(READY)  ## the cockpit on a lab of its own
	@$(BIN)/sparkdr-tui lab

lab-headless: $(READY)  ## break a lab, recover it, print the timeline; the exit status is the recovery's
	@set -e; dir=$$(mktemp -d); sparkdr=$(BIN)/sparkdr-tui; \
	trap '$$sparkdr lab stop --dir "$$dir/lab"; rm -rf "$$dir"' EXIT; \
	$$sparkdr lab start --dir "$$dir/lab"; \
	$$sparkdr lab break postgres-corrupt --dir "$$dir/lab"; \
	$$sparkdr --plan "$$dir/lab/plan" run database --yes; \
	$$sparkdr --plan "$$dir/lab/plan" runs verify

test: $(READY)
	$(BIN)/python -m pytest -n 4 --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: $(READY)
	$(BIN)/python -m pytest -s tests/benchmarks/bench_*.py

words: $(READY)  ## collect the program's sentences, renew the Korean catalogue, compile it
	$(BIN)/pybabel --quiet extract --no-location --sort-output -k later -o $(VENV)/sparkdr.pot sparkdr_tui screens
	$(BIN)/pybabel --quiet update --init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		--domain sparkdr --input-file $(VENV)/sparkdr.pot --output-dir $(LOCALE) --locale ko
	$(BIN)/pybabel --quiet compile --domain sparkdr --directory $(LOCALE)

lock:  ## the pins of requirements.lock anew (needs uv)
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --no-config --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --extra lab --extra web --group dev --upgrade \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
