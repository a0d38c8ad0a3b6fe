# Cosearch's workshop. `make` alone lists the targets.
#   PYTHON  interpreter that makes .venv (3.11 to 3.13)   make PYTHON=python3.12 install
#   ARGS    passed on to the command of the target        make test ARGS="-k pareto"

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all lint format bench validate bench-peers apollo apollo-page docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv and install everything; nothing to do if nothing changed

$(STAMP): pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "error: no '$(PYTHON)' here; name a Python 3.11 to 3.13: make PYTHON=python3.11 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; ok = (3, 11) <= v[:2] <= (3, 13); \
	  ok or sys.stderr.write("error: $(PYTHON) is Python %d.%d; Cosearch needs 3.11 to 3.13: make PYTHON=python3.11 ...\n" % v[:2]); \
	  sys.exit(not ok)'
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[all,dev,docs]' -c constraints.txt
	@touch $@

demo: install ## digits to an int8 network and its accelerator, in minutes
	$(BIN)/cosearch demo $(ARGS)

test: install ## run the tests
	$(BIN)/pytest -q -n 2 $(ARGS)

test-all: install ## the slow ones too: every network through ONNX and timm
	$(BIN)/pytest -q -n 2 -m "slow or not slow" $(ARGS)

lint: install ## style, format, types, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy src
	$(BIN)/lint-imports

format: install ## rewrite the sources in the house style
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: install ## time the hot paths
	$(BIN)/pytest bench/ --benchmark-only -p no:xdist $(ARGS)

PEERS := build/peers/venv/.installed

$(PEERS): bench/peers/requirements.txt
	"$(PYTHON)" -m venv build/peers/venv
	build/peers/venv/bin/python -m pip install --disable-pip-version-check -r $<
	@touch $@

# MAESTRO=checkout and TIMELOOP=path/to/timeloop-mapper bring those two in; else they are skipped.
bench-peers: install $(PEERS) ## our mapper beside ZigZag, SCALE-Sim, MAESTRO, Timeloop: minutes
	$(BIN)/python -m bench.peers $(ARGS)

validate: install ## hold the models against the reference data, rewrite the figures
	@for name in gemmini_rtl scalesim eyeriss edge_tpu zigzag technology accel_nasbench accuracy_surrogate few_shot learned_cost; do \
	  echo "== $$name"; $(BIN)/python -m validation.$$name --out docs/validation/figures/$$name.json | tail -25 || exit 1; done

apollo: install ## Apollo's experiments: what is not on record; hours, stop it when you like
	$(BIN)/python -m experiments.apollo.optima
	$(BIN)/python -m experiments.apollo.runs $(ARGS)
	@$(MAKE) --no-print-directory apollo-page

apollo-page: install ## rewrite the page and figures of Apollo's experiments from the records
	$(BIN)/python -m experiments.apollo.tables

docs: install ## build the pages into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean: ## remove .venv and everything built
	rm -rf $(VENV) build dist site .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
