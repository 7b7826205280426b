# run · test: on a fresh machine too · quick · setup · check · messages · audit · lock · train · photos · bench
.DEFAULT_GOAL := help
PYTHON ?= python3
PY := .venv/bin/python
PHOTOS ?= ../shared/photos
HARDER ?= ../shared/wild
# A file's tests stay together: a browser or a server that they share starts once. Files begin in the order of
# tests/conftest.py, the slow ones first; by itself xdist puts those with the most tests first. One more than there are
# processors: about a fifth of the time a test waits for a process of its own.
SIDE_BY_SIDE := -n $(shell expr $$(nproc) + 1) --dist loadfile --no-loadscope-reorder

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: .venv/run ## start the bot; without a BOT_TOKEN, the local chat in the browser
	@exec $(PY) -m bot

test: .venv/test ## every test
	$(PY) -m pytest $(SIDE_BY_SIDE)

quick: .venv/test ## the tests without a browser, a training, or a process of the bot
	$(PY) -m pytest $(SIDE_BY_SIDE) -m "not slow"

setup: .venv/test ## everything into .venv: the bot, training, development tools

check: .venv/test ## format, lint, architecture, types, tests, coverage
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	$(PY) -m pytest $(SIDE_BY_SIDE) --cov --cov-report=term --cov-fail-under=90

# Without dates, so that a catalogue changes with its words only. A new language begins with the head of another's .po.
LOCALES := bot/words/locale
messages: .venv/test ## gather what people read for its translators, and compile what they wrote
	.venv/bin/pybabel -q extract --no-default-keywords -k Text -k Button -k Plural:1,2 --add-location=file --omit-header \
		-o $(LOCALES)/bot.pot bot/words
	.venv/bin/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-i $(LOCALES)/bot.pot -d $(LOCALES) -D bot
	.venv/bin/pybabel -q compile -d $(LOCALES) -D bot

audit: .venv/bin/python ## ask pypi.org whether a pinned dependency has a known hole
	@test -x .venv/audit/bin/pip-audit || { $(PY) -m venv .venv/audit && .venv/audit/bin/pip install -q pip-audit; }
	.venv/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/test.txt

train: .venv/run ## train the shipped networks anew (about 90 minutes on 2 cores)
	$(PY) -m model train --recipe full --output model/weights
	$(PY) -m model train --recipe finder --output model/finder_weights
	$(PY) -m model train --recipe judge --output model/judge_weights
	$(PY) -m model train --recipe signs --output model/signs_weights
	$(PY) -m model train --recipe line --output model/line_weights

photos: .venv/run ## the score on real photos, and what changed since the last time (PHOTOS=folder with labels.csv)
	$(PY) -m tests.bench.photos $(PHOTOS) --history docs/photos-history.csv

bench: .venv/test ## measure every figure of docs/figures.md, and write them into the documents (about two hours)
	$(PY) -m tests.bench --photos $(PHOTOS) --harder $(HARDER)

COMPILE := .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-strip-extras
lock: .venv/test ## pin every dependency anew, for every Python that is supported
	$(PY) -m pip install -q --disable-pip-version-check -r requirements/uv.txt
	echo uv | $(COMPILE) --upgrade - -o requirements/uv.txt
	$(COMPILE) --upgrade pyproject.toml --extra train --extra dev -c requirements/constraints.txt -o requirements/test.txt
	$(COMPILE) pyproject.toml --extra train -c requirements/test.txt -o requirements/run.txt
	$(COMPILE) pyproject.toml -c requirements/test.txt -o requirements/serve.txt

# The stamps: .venv/run holds what serving and training need, .venv/test the development tools too.
.venv/run: requirements/run.txt | .venv/bin/python
	@echo "Installing the bot (once: 0.8 GB to fetch, 2.5 GB on the disk) …"
	@sh requirements/install.sh $(PY) $<
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -c 'import bot.__main__' # compiles what a start needs, a tenth of it all
	@touch $@

.venv/test: requirements/test.txt | .venv/bin/python
	@echo "Installing the bot and its development tools (once: 0.8 GB to fetch, 2.9 GB on the disk) …"
	@UV_COMPILE_BYTECODE=1 sh requirements/install.sh $(PY) $<
	@touch $@ .venv/run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed: install one and run 'make PYTHON=python3.13 run'"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv

.PHONY: help run test quick setup check messages audit train photos bench lock
