PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev

.PHONY: demo test browser coverage crash fuzz bench locale lint types pins clean
demo: $(RUN)
	$(BIN)/harvest demo

test: $(DEV) browser
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The same with every process measured: half as long again.
coverage: $(DEV) browser
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The tests look at reports in Chromium, with a font for Japanese; both come with the system, not with Python.
browser:
	@command -v chromium >/dev/null && fc-list :lang=ja | grep -q . || \
	  { test "$$(id -u)" = 0 || echo "as root: apt-get install chromium fonts-noto-cjk fontconfig" >&2; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig; }

# One crawl of 3,000 pages, killed with SIGKILL 200 times; HARVEST_S1_SEED=n repeats a run.
crash: $(DEV)
	HARVEST_S1_PAGES=3000 HARVEST_S1_KILLS=200 $(BIN)/python -m pytest -q -s tests/cases/test_kills.py -k test_s1

bench: $(DEV)
	$(BIN)/python -m benchmarks

# SECONDS=3600 for an hour; what breaks a reader is kept in fuzz-findings/.
SECONDS ?= 600
fuzz: $(DEV)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)
	$(BIN)/python -m pytest -q tests/test_properties.py --hypothesis-profile=search

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

# The sentences of reports: extracted, added to each catalogue, compiled. The tests tell which are not translated.
locale: $(DEV)
	$(BIN)/python -m tests.catalogue

# Names, versions and hashes only: no index host may enter these files.
pins: $(DEV)
	$(BIN)/python requirements/pin.py

$(RUN): requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(DEV): requirements/dev.txt $(RUN)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
