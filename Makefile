## turncoat: finds the few words that turn a text model's verdict.
##
##   make env     make .venv with everything in it (minutes the first time, nothing when up to date)
##   make demo    train a small victim, attack it, and write a report to look at
##   make test    run the tests;       one file:  make test ARGS=tests/test_text.py
##   make check   format, lint, types, and who may import whom
##   make bench   make the tables and timings of results/ again (hours; needs victims in models/, see results/README.md)
##   make clean   remove caches and builds (for a new environment: rm -rf .venv)
##
## Data sets and models are looked for in $TURNCOAT_DATA.
## Another Python than the first of python3.11, python3:  make env PYTHON=/path/to/python
## torch from another index, such as the small CPU build:
##   make env TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= $(shell command -v python3.11 || command -v python3)
TORCH_INDEX ?=

BIN := .venv/bin
READY := .venv/.ready
WORDNET := /usr/share/wordnet/data.noun
TORCH := $(shell grep '^torch==' constraints.txt)
APT := DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
# True for root on Debian and its kin: then missing system packages are installed instead of only named.
CAN_APT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null

.PHONY: help env demo test check bench clean

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

env: $(READY) $(WORDNET)

$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "expected Python 3.11 or later, got '$(PYTHON)'; name one: make env PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { $(CAN_APT) && apt-get update && $(APT) python3-venv; } || \
	  { echo "Python has no module venv; run: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv
	$(BIN)/python -m pip install -c constraints.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(TORCH)
	$(BIN)/python -m pip install -c constraints.txt -e '.[encoder,vectors,translation,dev]'
	@touch $@

$(WORDNET):
	@{ $(CAN_APT) && apt-get update && $(APT) wordnet-base; } || \
	  echo "WordNet is missing, and with it synonyms; run: sudo apt-get install wordnet-base"

demo: env
	$(BIN)/turncoat demo

test: env
	$(BIN)/python -m pytest $(ARGS)

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py

bench: env
	$(BIN)/python benchmarks/attack_suite.py
	$(BIN)/python benchmarks/cea_ablations.py
	$(BIN)/python benchmarks/candidate_sources.py
	$(BIN)/python benchmarks/defences.py
	$(BIN)/python benchmarks/tweets.py
	$(BIN)/python benchmarks/engine_efficiency.py --out results/speed/engine.jsonl
	$(BIN)/python benchmarks/micro_batches.py
	$(BIN)/python benchmarks/foundations_images.py
	$(BIN)/python benchmarks/one_report.py

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
