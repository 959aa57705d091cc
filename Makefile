# The development loop, in .venv. `make` lists the targets.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test check everything oracle bench docs foreign

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Create .venv with the service, its extras, the development tools and the commit hooks
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q 'pip>=25.1'
	$(BIN)/pip install -q -e '.[embedded,llm,admin,metrics,traces]' --group dev
	$(BIN)/pre-commit install

run: ## Serve, and restart after each change of the code
	$(BIN)/python -m app serve --reload

test: ## Run the fast tests: rules, operations, and the pins that need no failure
	$(BIN)/python -m pytest -q -n auto -m 'not failure_mode' tests/unit tests/api tests/contract/test_pins.py

check: ## Run what CI runs
	$(BIN)/tox run-parallel

everything: ## Run every environment of tox.ini: all mutants, long faults, other event loops, benchmarks
	$(BIN)/tox run -e ALL

oracle: ## Hold the diff's verdicts on thousands of random pairs of schemas against values
	ORACLE_PAIRS=5000 $(BIN)/python -m pytest -q tests/harness/diff/test_oracle.py

bench: ## Measure the service beside other frameworks
	$(BIN)/tox run -e bench

docs: ## Build the documentation
	$(BIN)/tox run -e docs

foreign: ## Install open-source servers from PyPI and npm, and test each with statuspin and with plain Schemathesis
	$(BIN)/python -m tests.foreign all
