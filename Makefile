# soakctl's tasks; `make` lists them. Needs Python >= 3.11 and nothing else; all else is installed into .venv.
# Another interpreter: make test PYTHON=python3.12     Another place: make test VENV=/tmp/soakctl-venv

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest
WORKERS ?= auto
UV ?= uv

# Bytecode is worth keeping: the tests start soakctl often. And nothing from outside may stand in for what is locked.
export PYTHONDONTWRITEBYTECODE :=
unexport PYTHONPATH PYTHONHOME

# Stamps say what is installed; a choice of PYTHON has its own, so that choosing another one makes the environment anew.
MADE := $(VENV)/.made$(if $(PYTHON),-$(subst /,_,$(PYTHON)))
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev

.PHONY: help soak mini-soak test lint types unit slow bench docs-check format lock clean

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

soak: $(RUN) ## Environment, install, then a simulated soak of 24 hours to its verdict
	$(BIN)/soakctl soak --hours 24 --mock

mini-soak: $(RUN) ## A simulated soak of 24 iterations with auto-tuning, then its strict gate
	$(BIN)/soakctl soak --iterations 24 --auto-tune --mock
	$(BIN)/soakctl gate --prometheus --strict --mock

test: lint types unit ## Environment, install, lint, types, tests: what has to pass before a change goes in

lint: $(DEV) ## Rules and format of the code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV) ## Types, strictly
	$(BIN)/mypy

unit: $(DEV) ## The tests; one of them: make unit ARGS=tests/domain/test_units.py
	$(PYTEST) -n $(WORKERS) $(ARGS)

slow: $(DEV) ## The long campaigns, properties with new examples, and the tests against real servers
	$(PYTEST) -n $(WORKERS) -m "slow or servers or hypothesis" --hypothesis-profile new --timeout 1800 $(ARGS)

bench: $(DEV) ## Every benchmark of benchmarks/ in turn, beside what it is compared with
	@set -e; for file in $$(grep -l __main__ benchmarks/*.py); do echo "== $$file"; $(BIN)/python "$$file"; done

docs-check: $(DEV) ## Links and examples of the documentation
	$(PYTEST) tests/test_docs.py

format: $(DEV) ## Put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove what these tasks made, but no run
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Environment ---------------------------------------------------------------------------------------------------

# A name on PATH proves nothing (version managers leave names that only say "not installed"): each is tried.
$(MADE):
	@if [ -e "$(VENV)" ] && [ ! -e "$(VENV)/pyvenv.cfg" ]; then \
	    echo "$(VENV) is there and is not an environment of Python's; choose another place: make VENV=..." >&2; exit 1; fi; \
	old= bare= found=; \
	for each in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	    "$$each" -c 'pass' >/dev/null 2>&1 || continue; \
	    if ! "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then old="$$old $$each"; \
	    elif ! "$$each" -c 'import ensurepip, venv' 2>/dev/null; then bare="$$bare $$each"; \
	    else found=$$each; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "soakctl needs Python >= 3.11 with venv. Tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python)." >&2; \
	    [ -z "$$old" ] || echo "Older than 3.11:$$old" >&2; \
	    [ -z "$$bare" ] || echo "Without venv:$$bare (Debian and Ubuntu: apt-get install python3-venv)" >&2; \
	    echo "Choose one by name or path: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$found: $$("$$found" --version)"; \
	"$$found" -m venv --clear "$(VENV)"
	@touch "$(VENV)/.made" "$@"

LOCKS := requirements/build.txt requirements/run.txt
$(RUN): $(MADE) pyproject.toml $(LOCKS)
	$(PIP) install --quiet --require-hashes $(addprefix -r ,$(LOCKS))
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(MADE) pyproject.toml requirements/dev.txt
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN)

# --- Locked versions -----------------------------------------------------------------------------------------------

# One version of each for every Python (fewest): numpy decides trends, and a run has one verdict wherever it is judged.
# dev first and with everything in it; the others are then parts of it, so that the three never disagree.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
    --no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE)

lock: ## Write requirements/*.txt anew (needs uv); with newer versions: make lock UPGRADE=--upgrade
	$(COMPILE) pyproject.toml --extra dev --group build -o requirements/dev.txt
	$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/run.txt
	$(COMPILE) --group build -c requirements/dev.txt -o requirements/build.txt
