PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
OUT ?= out
SEED ?= 1

.PHONY: setup annotate test test-slow soak lint check format bench docs samples clean
.DEFAULT_GOAL := annotate

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv; } \
		|| { echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/annotate-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/all-installed: $(VENV)/annotate-installed
	$(PIP) install --constraint constraints.txt --editable '.[training,dev,live]'
	@touch $@

setup: $(VENV)/all-installed  ## everything that working on the project needs

annotate: $(VENV)/annotate-installed  ## set up, then run the main job on sample_media/
	$(BIN)/annotate --input sample_media --output $(OUT)
	@echo "Look at $(OUT)/annotated/sample_media (copies with boxes), \
	$(OUT)/timelines/sample_media (one row per face and frame) and $(OUT)/summary.parquet."

test: $(VENV)/all-installed  ## set up, then run the tests
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(VENV)/all-installed  ## the checks that take minutes
	$(BIN)/python -m pytest -m slow

soak: $(VENV)/all-installed  ## for half an hour: a batch that is killed, and mutated media through the reader, the whole pipeline and a batch
	$(BIN)/python -m tests.reliability.soak --kills 100
	$(BIN)/python -m scripts.fuzz_media --files 20000 --seed $(SEED)
	$(BIN)/python -m scripts.fuzz_media --files 2000 --seed $(SEED) --whole
	$(BIN)/python -m scripts.fuzz_batch --files 2000 --seed $(SEED)

lint: $(VENV)/all-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test

format: $(VENV)/all-installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/all-installed  ## measure for three quarters of an hour on a quiet machine, and write docs/performance.md
	$(BIN)/python -m benchmarks.run --output benchmarks/results/performance.json
	$(BIN)/python -m benchmarks.page

docs: $(VENV)/all-installed  ## write docs/schema.md, docs/cli.md and the tables of docs/media.md from the code
	$(BIN)/python -m scripts.make_docs

samples: $(VENV)/all-installed
	$(BIN)/python scripts/make_sample_media.py --output sample_media

clean:
	rm -rf $(VENV) $(OUT) build dist *.egg-info
