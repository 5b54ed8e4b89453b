# The commands of the house. Needed: make, python3 (3.11 or newer) and a package index, as pip finds it.
# ARGS="..." is passed on to demo, serve, test, test-all and bench; PYTHON=python3.13 picks another interpreter.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

# Without --no-compile pip byte-compiles a thousand modules that are never imported: 14 of 40 seconds.
# Twice quiet: errors are shown, warnings about the settings of one's own pip are not.
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-compile
SOURCES := gateway clients/python/connector_gateway tests bench

# Byte code of what is really imported is worth keeping: a start without it takes seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := install
.PHONY: install help demo serve test test-all check bench dist lock clean
.DELETE_ON_ERROR:

install: .venv/.runtime ## install the server and the test kit into .venv
	@echo "Installed: $(BIN)/gateway and the pytest plugin. Next: make demo, or make help for all commands."

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1~\2/p' Makefile | while IFS='~' read -r name text; do \
		printf '%-18s%s\n' "$$name" "$$text"; done

demo: .venv/.runtime ## set all up, send sign-in codes by SMS to the fake, read them back and check them
	@$(BIN)/gateway demo $(ARGS)

serve: .venv/.runtime ## run the gateway until Ctrl-C
	@$(BIN)/gateway serve $(ARGS)

test: .venv/.dev ## the fast tier: only Python, under a minute
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow" $(ARGS)

test-all: .venv/.dev ## every test; a missing tool is a failure
	@GATEWAY_REQUIRE_ALL=1 $(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: .venv/.dev ## lint, format, types, import contracts, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(SOURCES)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tests/repo/check_docs.py

bench: .venv/.dev ## measure, against the goals of docs/design.md
	@$(BIN)/python -m bench $(ARGS)

dist: .venv/.dev ## build the wheels and sdists of the server and of the test kit
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .
	$(BIN)/python -m build --no-isolation --outdir dist clients/python

# Each lock keeps to the one before it, so that all three can be installed together. What is pinned already
# stays: `make lock ARGS=--upgrade` takes the newest. uv finds its index in the environment (UV_DEFAULT_INDEX).
LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links $(ARGS)

lock: .venv/.dev ## pin the dependencies of pyproject.toml anew, with hashes
	$(LOCK) pyproject.toml --extra moto --output-file requirements.lock
	$(LOCK) --group build --constraint requirements.lock --output-file requirements-build.lock
	$(LOCK) pyproject.toml --extra moto --group dev --constraint requirements.lock --constraint requirements-build.lock \
		--output-file requirements-dev.lock

clean: ## remove the environment, caches and built files
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps. Nothing is installed twice while the locks and pyproject.toml stay the same.

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "$(PYTHON) is missing or older than 3.11. Name a newer one: make PYTHON=python3.13 ..." >&2; \
		exit 1; }
	@echo "Setting up .venv (once, about a minute) ..."
	@$(PYTHON) -m venv .venv || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv." >&2; \
		exit 1; }
	@touch $@

# The build tools come first: the source-only dependency and our own packages are built with the pinned ones.
.venv/.runtime: requirements-build.lock requirements.lock pyproject.toml clients/python/pyproject.toml | .venv/.python
	@$(PIP) --require-hashes -r requirements-build.lock
	@$(PIP) --require-hashes --no-build-isolation -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable . --editable clients/python
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "Adding the development tools ..."
	@$(PIP) --require-hashes --no-build-isolation -r requirements-dev.lock
	@touch $@
