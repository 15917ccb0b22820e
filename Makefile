# Hedui: everything a user or a contributor runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKED := requirements.txt
CLUSTER := requirements-cluster.txt
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
CODE := flows expectations tests

.DEFAULT_GOAL := help
.PHONY: help nightly cluster test check audit sbom format fuzz bench bench-peers prove endure lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

nightly: $(READY)  ## read data/samples and data/inbox, judge, publish reports/site/index.html
	@$(BIN)/hedui nightly

cluster: $(READY)  ## what Hedui needs on a cluster, into the environment: Dask to read, Spark to judge (which needs Java 17 or 21)
	@$(PIP) install --require-hashes --no-build-isolation -r $(CLUSTER) -c $(LOCKED) -c $(CLUSTER)

test: check  ## style, types and tests, in under ten minutes; SLOW=1 for everything that CI runs
	$(BIN)/python -m pytest -n 2 --dist loadfile $(if $(SLOW),,-m 'not slow')

check: $(READY)  ## style and types
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

audit: $(READY)  ## known weaknesses of what is locked, where the advisories can be reached
	@$(BIN)/python .ci/audit

sbom: $(READY)  ## what is installed, with licences, as a CycloneDX bill of materials: build/sbom.json
	@mkdir -p build
	@$(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

fuzz: $(READY)  ## damaged files at every reader, or READER=pdf, for SECONDS=60 each (ten minutes before a release)
	$(BIN)/python -m tests.fuzz $(READER) --seconds $(or $(SECONDS),60)

format: $(READY)  ## put the code in the house's layout
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: $(READY)  ## how fast and how large, each beside its budget (a few minutes; BENCH=--at-scale two hours)
	@$(BIN)/python -m tests.bench $(BENCH)

bench-peers: $(READY)  ## judging and reading beside other tools, each in an environment of its own (PEERS=--plan; ten minutes)
	@$(BIN)/python -m tests.peers $(PEERS)

prove: $(READY)  ## what the rules find in 500 invented filings with 2,000 errors, and how silent they are: docs/proof.md
	@$(BIN)/python -m tests.prove $(PROVE)

endure: $(READY)  ## a night of 50 documents killed at POINTS=200 random points of SEED=1: the next night must mend it (an hour)
	@$(BIN)/python -m tests.endure --points $(or $(POINTS),200) --seed $(or $(SEED),1)

lock:  ## resolve pyproject.toml anew into requirements.txt and requirements-cluster.txt (needs uv)
	uv pip compile pyproject.toml --extra dev --extra ocr --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file $(LOCKED)
	uv pip compile pyproject.toml --extra spark --extra dask --constraint $(LOCKED) --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file $(CLUSTER)

clean:  ## remove the environment, the warehouse and everything published
	rm -rf $(VENV) reports/site data/*.duckdb data/*.duckdb.wal data/.prefect data/.gx build *.egg-info

# The lock is given as constraints too: without them pip takes the newest of a package that another one asks for before it has come to
# the line that pins it, and then misses its hash.
# The stamp carries the lock it was made from: the environment is reused while requirements.txt is the same, byte for byte.
$(READY): $(LOCKED) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Hedui needs Python 3.11 or newer and $(PYTHON) is older; try: make PYTHON=python3.11 nightly" >&2; exit 1; }
	@cmp -s $(LOCKED) $(READY) || { \
		echo "Setting up $(VENV) from $(LOCKED): once, a few minutes"; \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && $(PIP) install --require-hashes -r $(LOCKED) -c $(LOCKED); }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@cp $(LOCKED) $(READY)
