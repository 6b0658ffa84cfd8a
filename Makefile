# Two commands matter: `make demo` shows retold at work, `make test` proves it. Both set up what they need.
.PHONY: demo test check gates bench prove prove-short clean
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
MEASURE := $(VENV)/.ready-measure
export PYTHONUTF8 := 1

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "[1/3] environment   $(VENV): installing, a minute or two"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[local,dev]'
	@touch $@

$(MEASURE): $(STAMP)
	@echo "environment   torch and transformers, for what trains models (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[local,dev,measure]'
	@touch $@

demo: $(STAMP)  ## retell real documents with the embedded model, from nothing to a report
	@echo "[1/3] environment   $(VENV), $$(ls -d $(VENV)/lib/python3*/site-packages/*.dist-info | wc -l) packages"
	@echo "[2/3] weights       of the embedded model: fetched once, checked by digest"
	@$(BIN)/retold engine fetch
	@echo "[3/3] run           recipes/demo.yaml (Ctrl-C is safe; run again to continue)"
	@$(BIN)/retold run recipes/demo.yaml

check: $(STAMP)  ## lint, formatting, strict types, layering and sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/house -p no:cacheprovider

test: check $(MEASURE)  ## everything that needs no data but our own
	@$(BIN)/retold engine fetch
	$(BIN)/pytest -n 2 --dist worksteal -m "not gates and not prove and not minutes"

gates: $(MEASURE)  ## floors on the labelled data beside the project, figures printed; fails where it is absent
	@$(BIN)/retold engine fetch
	$(BIN)/pytest -n 2 -m gates -rP

bench: $(MEASURE)  ## make bench NAME=store_commits
	$(BIN)/python benchmarks/$(NAME).py

prove: $(MEASURE)  ## the long proofs: hundred kills, million rows
	$(BIN)/pytest -m prove -rP

prove-short: $(MEASURE)  ## the same in some minutes, on every change
	$(BIN)/pytest -m minutes -rP

clean:
	rm -rf $(VENV) out build *.egg-info .pytest_cache .mypy_cache .ruff_cache
