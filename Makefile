# make demo and make test do all the set-up on a fresh machine with Python >= 3.10.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

.PHONY: test check lint types fuzz peers docs site lessons bench demo gallery pictures dist clean

$(VENV)/bin/python:
	@echo "Making a virtual environment in $(VENV) ..."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet 'pip>=21.3' # editable installs; a later one is not fetched

# One stamp an extra: an installed environment is not installed again until pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what make $* needs into $(VENV), once: one to three minutes ..."
	$(BIN)/python -m pip install --progress-bar off --editable '.[$*]'
	@touch $@

# One process more than cores, as browsers and child processes are waited for; compiled modules are kept whatever the environment says, since tests
# start many processes. Tests marked slow, most random examples and most of long
# families are left to CI and to make test SLOW=1. make check COVERAGE=1 measures lines and
# branches too, as CI does; the floor stands in pyproject.toml.
PARALLEL = -n auto --no-loadscope-reorder
test: $(VENV)/.test
	@echo "Running about $(if $(CI)$(COVERAGE)$(SLOW),10000 tests: a quarter of an hour,8500 tests: six minutes) on two cores ..."
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(PARALLEL) $(if $(COVERAGE),--cov --cov-report=term:skip-covered) $(if $(CI)$(COVERAGE)$(SLOW),,-m "not slow")

check: lint types test

lint: $(VENV)/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.check
	$(BIN)/mypy

# 100,000 hostile messages of each of three kinds, and the memory that they took at most; the suite tries a few.
fuzz: $(VENV)/.test
	FUZZ=100000 $(BIN)/python -m pytest $(PARALLEL) tests/sandbox/test_fuzz.py

peers: $(VENV)/.peers
	$(BIN)/python -m pytest -m peers tests/peers

docs: $(VENV)/.test
	$(BIN)/python -m tests.ops.catalogue > docs/operations.md
	$(BIN)/python -m tests.referee.errata > docs/errata.md

# The site in both languages, in out/site: open out/site/index.html, no server is needed.
SPHINX = $(BIN)/python -m sphinx -W --keep-going -q -c docs/site
site: $(VENV)/.site
	$(BIN)/python -m viz.gallery out/gallery >/dev/null
	$(MAKE) -j2 site-en site-zh
	cp docs/site/index.html out/site/

site-%: $(VENV)/.site
	$(SPHINX) -t $* -d out/site-work/$* lessons/$* out/site/$*

# All that is promised of the site: built anew, both languages alike, every page opened in a browser.
lessons: $(VENV)/.site
	rm -rf out/site out/site-work
	$(BIN)/python -m lessons.twins
	$(MAKE) site
	$(BIN)/python -m docs.site.paper out/site
	$(BIN)/python -m docs.site.visit out/site

# Each suite writes its section of RESULTS.md when it is through: make bench SUITES="network sizes programs".
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks.run $(if $(SUITES),--suites $(SUITES))

demo: $(VENV)/.demo
	@echo "Training and comparing gradients: about five seconds ..."
	$(BIN)/python -m viz.demo

gallery: $(VENV)/.test
	$(BIN)/python -m viz.gallery out/gallery

# What the README shows of the gallery.
pictures: gallery
	cp $(addprefix out/gallery/,$(notdir $(wildcard docs/pictures/*.svg))) docs/pictures/

# Wheel (the package alone) and sdist, looked at as the package index does; the version stands in tinygrad_dnn/__init__.py.
dist: $(VENV)/.release
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	! $(BIN)/python -m zipfile -l dist/*.whl | grep -vE "^(File Name|tinygrad_dnn)"

clean:
	rm -rf $(VENV) out build dist
