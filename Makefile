# Everything a newcomer needs. Nothing must be installed before but Python 3.11+ and make.
#
#   make demo         the main job on an example; prints the address of its result
#   make test         every check and every test
#   make bench        every benchmark (NAME=draw-million: one)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RULES_VENV := .venv-rules
RULES_ALONE := .cache/rules-alone

export PYTHONUTF8 := 1
# Many short programs are started: none should compile again what another has compiled.
unexport PYTHONDONTWRITEBYTECODE
export NO_MKDOCS_2_WARNING := 1
.DEFAULT_GOAL := help
# Checks read the settings too; they must not make keys in the demo's folder.
export ANJU_CHECK_HOME := $(CURDIR)/.cache/home
.PHONY: help setup setup-ocr setup-rules front-end browser demo demo-reset test checks lint \
	rules-alone docs collected pytest bench lock clean

help: ## these words
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

setup: ## .venv/ from hash-pinned requirements; again only when they change
	@$(PYTHON) tools/make_environment.py $(VENV) --requirements requirements/dev.txt --install-anju

setup-ocr: setup ## what reads scanned papers (the extra ocr), into .venv/ too
	@$(PYTHON) tools/make_environment.py $(VENV) --requirements requirements/ocr.txt --stamp anju-ocr

setup-rules:
	@$(PYTHON) tools/make_environment.py $(RULES_VENV) --requirements requirements/rules.txt --clear

browser: ## a Chromium for the tests of the pages
	@$(PYTHON) tools/find_browser.py

front-end: setup ## third-party scripts of the pages, into src/anju/web/static/vendor/
	@$(BIN)/python tools/vendor_front_end.py

demo: setup front-end ## a city in mid-selection on http://127.0.0.1:8000, accounts printed; goes on where it was
	@$(BIN)/anju demo run

demo-reset: ## forget the demo and begin afresh
	@test ! -x $(BIN)/anju || $(BIN)/anju demo reset
	rm -rf demo

test: setup setup-ocr setup-rules front-end browser ## every check, then every test
	@$(MAKE) --no-print-directory --jobs 2 checks
	@$(MAKE) --no-print-directory pytest

# Two at a time: one process alone would leave the second core of a small machine idle.
checks: lint docs rules-alone collected

lint: setup ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	ANJU_HOME=$(ANJU_CHECK_HOME) $(BIN)/mypy
	$(BIN)/lint-imports

docs: setup ## the documentation, into site/; a broken link is an error
	$(BIN)/mkdocs build --strict

# The rules where only they and their small pure libraries are installed.
rules-alone: setup-rules
	@mkdir -p $(RULES_ALONE) && ln -sfn ../../src/anju_rules $(RULES_ALONE)/anju_rules
	PYTHONPATH=$(RULES_ALONE) $(RULES_VENV)/bin/python tools/check_rules_alone.py
	PYTHONPATH=$(RULES_ALONE) $(RULES_VENV)/bin/python -m pytest tests/rules -q -n auto --maxprocesses 4 \
		-o cache_dir=.cache/pytest-rules

# Once, before four workers do the same beside each other: what pytest writes anew of each file, and
# what Hypothesis reads of the source, lie ready afterwards.
collected: setup setup-ocr
	@mkdir -p .cache
	@$(BIN)/python -m pytest --ignore tests/rules --collect-only -qq > .cache/collected.txt \
		|| { cat .cache/collected.txt; exit 1; }

pytest: setup setup-ocr front-end browser # the tests of the rules have run alone already
	$(BIN)/python -m pytest --ignore tests/rules -n 4 --dist loadscope --no-loadscope-reorder

bench: setup setup-ocr front-end ## every benchmark, a JSON line each; NAME=draw-million for one
	@$(BIN)/python tools/run_bench.py $(NAME)

# Versions stay unless asked: make lock UPGRADE=--upgrade
LOCK = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	--python-version 3.11 $(UPGRADE)
lock: setup ## requirements/*.txt again, from pyproject.toml
	$(LOCK) pyproject.toml --group dev -o requirements/dev.txt
	$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/run.txt
	$(LOCK) pyproject.toml --extra ocr -c requirements/dev.txt -o requirements/ocr.txt
	$(LOCK) --group pyproject.toml:rules -c requirements/dev.txt -o requirements/rules.txt

clean: demo-reset ## everything that was made, but not what you wrote
	rm -rf $(VENV) $(RULES_VENV) .cache build site .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
