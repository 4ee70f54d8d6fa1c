# The two commands of a fresh machine: `make gallery` and `make test`.
# `make test-all` adds the tests that are marked slow; `make lint` only lints, as `make test` does, too.
PYTHON ?= python3
VENV := .venv
CORES ?= $(shell nproc 2>/dev/null || echo 2)
WORKERS ?= 2

PYTEST := $(VENV)/bin/python -m pytest -n $(WORKERS)

.PHONY: gallery test test-slow test-oldest test-all lint clean

gallery: $(VENV)/installed
	$(VENV)/bin/snakemake --cores $(CORES) --resources gpu=2

test: $(VENV)/installed
	$(PYTEST)

# SLURM, GPUs and grids under kills: minutes.
test-slow: $(VENV)/installed
	$(PYTEST) -m slow

# The workflow under the oldest Snakemake that pyproject.toml allows.
test-oldest: $(VENV)/installed
	$(VENV)/bin/python tests/support/oldest_snakemake.py -n $(WORKERS)

test-all: test test-slow test-oldest

lint: $(VENV)/installed
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" .ci/lint

# The programs of an environment name its folder: one that was copied or moved with it is made anew.
ifneq ($(shell cat $(VENV)/installed 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/installed
ANEW := --clear
endif

# Everything pinned to what was tested; installed in place, so that an edit is in force at once.
$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV)/: a few minutes, 6 GB."
	$(PYTHON) -m venv $(ANEW) $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,slurm,heic]'
	@echo "$(CURDIR)" > $@

clean:
	rm -rf $(VENV)
