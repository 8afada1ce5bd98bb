# The only commands to know. `make` alone lists them.
#
# Needs Python 3.11 or newer and, on first use, the package registries. Everything goes into .venv/ and
# frontend/node_modules/; Node comes from PyPI. `make test` also needs Chromium, Firefox and strace: see tests/system_tools.py.

PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
STAMPS := $(VENV)/.stamps
ARGS ?=

export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1
# TensorFlow's start-up chatter hides what matters.
export TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_ENABLE_ONEDNN_OPTS ?= 0

# On a terminal pip and npm draw their progress; in a log they would fill pages.
QUIET := $(shell test -t 2 || echo --quiet)
say = @printf '\n== %s\n'
PROTO := tb_versions/core/proto/manifest.proto
PYTEST := $(BIN)/python -m pytest
# Two processes, a file's tests in one of them, the files that take long first (tests/conftest.py has the order).
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test quick faults check docs browser bench generate clean unit front-end system-tools clients mutants \
  protobuf7 check-format check-lint check-types check-dependencies check-house check-docs check-front-end check-generated

help: ## list the commands
	@echo 'Versions for TensorBoard'
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMPS)/demo ## train small models, write versions, serve the tab (ARGS=--no-serve: only write; ARGS=--fresh: again)
	@$(BIN)/python -m demo $(ARGS)

test: check system-tools unit protobuf7 front-end browser ## everything: check, pytest, vitest, browser

# What one runs before each commit: no TensorFlow, no browser, short searches.
quick: $(STAMPS)/serving-api check-format check-lint check-types check-front-end ## linters, fast unit tests, vitest: a minute
	$(say) 'pytest'
	@TB_VERSIONS_EFFORT=quick $(PYTEST) -q $(IN_TWO) -m 'not tensorflow and not slow' \
	  tests/unit tests/contract tests/compat tests/test_house.py $(ARGS)
	@$(MAKE) --no-print-directory front-end

faults: $(STAMPS)/dev $(STAMPS)/serving-api system-tools clients ## long searches, all fault points, clients of other libraries: an hour or more
	@TB_VERSIONS_EFFORT=full $(PYTEST) -p no:randomly tests/faults tests/http tests/contract tests/unit tests/test_peers.py $(ARGS)

# The generated code must run under both; pip installs the one that the other packages allow, 6.
protobuf7: $(STAMPS)/protobuf7
	$(say) 'pytest under protobuf 7'
	@PYTHONPATH=$(CURDIR)/$(VENV)/protobuf7 $(PYTEST) -q -n 2 -m 'not tensorflow and not slow' \
	  tests/unit/core tests/unit/read tests/compat $(ARGS)

# Two at once, each with its output in one piece where make can do that. Goes on after a failure, to show all of them.
check: $(STAMPS)/npm ## format, lint, types, import rules, dependencies, generated files, docs
	@$(MAKE) --no-print-directory --keep-going -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) check-format check-lint check-types check-dependencies check-house check-docs check-front-end check-generated

# TensorFlow costs 3 s and 500 MB in each process that loads it. The server's tests have processes of their own, without.
# `make check` builds the site.
unit: $(STAMPS)/dev $(STAMPS)/serving-api
	$(say) 'pytest'
	@$(PYTEST) $(IN_TWO) --ignore tests/browser --ignore tests/faults --ignore tests/http --ignore tests/test_site.py $(ARGS)
	@if ls tests/http/test_*.py >/dev/null 2>&1; then $(PYTEST) $(IN_TWO) tests/http $(ARGS); fi
	@if ls tests/faults/test_*.py >/dev/null 2>&1; then $(PYTEST) $(IN_TWO) -p no:randomly tests/faults $(ARGS); fi

front-end: $(STAMPS)/npm
	$(say) 'vitest'
	@cd frontend && npm run --silent test

# Each process has a browser of its own, in which the pages take turns.
browser: $(STAMPS)/npm $(STAMPS)/serving-api system-tools ## the tab in a real Chromium, and once in Firefox
	@if ls tests/browser/test_*.py >/dev/null 2>&1; then printf '\n== browser\n'; $(PYTEST) $(IN_TWO) tests/browser $(ARGS); fi

docs: $(STAMPS)/dev ## build the documentation and serve it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs serve

bench: $(STAMPS)/dev system-tools ## measure against limits; one JSON line per figure
	@$(BIN)/python -m bench $(ARGS)

# Other libraries live in environments of their own: `make .venv-mlflow` installs requirements/mlflow.txt, which is
# locked. Tests marked `client("mlflow")` use that environment, and skip, saying so, where it is absent.
clients: $(patsubst requirements/%.txt,.venv-%/.installed,$(filter-out %/mutants.txt,$(wildcard requirements/*.txt)))

# TFX asks for Beam, TensorFlow and more; its list is all that the tests need of them.
PIP_tfx := --no-deps

.venv-%/.installed: requirements/%.txt
	$(say) 'installing $* into .venv-$*'
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install $(QUIET) $(PIP_$*) --requirement $<
	@touch $@

mutants: $(STAMPS)/dev .venv-mutants/.installed ## change a module in small ways and see which tests notice (ARGS=tb_versions/read/scan.py)
	@$(BIN)/python -m tests.mutants $(ARGS)

generate: $(STAMPS)/npm ## rebuild the protobuf code and the front end
	@$(BIN)/python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. $(PROTO)
	@cd frontend && npm run --silent build

clean: ## remove all that these commands made
	rm -rf $(VENV) .venv-* frontend/node_modules demo/out bench/out tests/browser/out build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

check-format: $(STAMPS)/dev
	$(say) 'ruff format'
	@ruff format --check .

check-lint: $(STAMPS)/dev
	$(say) 'ruff check'
	@ruff check .

check-types: $(STAMPS)/dev
	$(say) 'mypy --strict'
	@mypy

check-dependencies: $(STAMPS)/dev
	$(say) 'dependencies'
	@deptry .

# Import rules are in tests/test_house.py.
check-house: $(STAMPS)/dev
	$(say) 'house and docs'
	@$(PYTEST) -q -p no:randomly --durations=0 --durations-min=5 tests/test_house.py tests/test_docs.py -m 'not slow and not tensorflow'

# Strict: a dead link, or a page that the navigation does not name, fails.
check-docs: $(STAMPS)/dev
	$(say) 'documentation site'
	@$(PYTEST) -q -p no:randomly --durations=0 --durations-min=5 tests/test_site.py

check-front-end: $(STAMPS)/npm
	$(say) 'biome and tsc'
	@cd frontend && npm run --silent check

# Rebuilds into a temporary folder and compares byte by byte.
check-generated: $(STAMPS)/npm
	$(say) 'generated files'
	@set -e; out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	$(BIN)/python -m grpc_tools.protoc -I . --python_out="$$out" --pyi_out="$$out" $(PROTO); \
	for file in manifest_pb2.py manifest_pb2.pyi; do \
	  cmp "$$out/tb_versions/core/proto/$$file" "tb_versions/core/proto/$$file" || { echo 'Run: make generate'; exit 1; }; \
	done; \
	(cd frontend && npm run --silent build -- --outDir "$$out/static" --emptyOutDir --logLevel warn); \
	diff -rq "$$out/static" tb_versions/static || { echo 'Run: make generate'; exit 1; }; \
	echo 'current'

# In CI a missing tool is an error; elsewhere the tests that need it skip and say so.
system-tools: $(STAMPS)/dev
	@$(BIN)/python -m tests.system_tools

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed as python3; name another one with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo 'Python has no venv module; on Debian: apt-get install python3-venv'; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/demo: $(STAMPS)/venv pyproject.toml setup.py
	$(say) 'installing TensorFlow and this package into $(VENV) (a minute or two, first time only)'
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install $(QUIET) --editable '.[demo]'
	@touch $@

$(STAMPS)/dev: $(STAMPS)/venv pyproject.toml setup.py
	$(say) 'installing TensorFlow, the tools and this package into $(VENV) (two or three minutes, first time only)'
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install $(QUIET) --editable '.[dev]'
	@touch $@ $(STAMPS)/demo

# TensorFlow Serving's own messages, for tests. Without its dependencies: it asks for the TensorFlow with CUDA.
$(STAMPS)/serving-api: $(STAMPS)/dev
	@$(BIN)/python -m pip install $(QUIET) --no-deps --upgrade --target $(VENV)/serving_api 'tensorflow-serving-api==2.21.0'
	@touch $@

$(STAMPS)/protobuf7: $(STAMPS)/dev
	@$(BIN)/python -m pip install $(QUIET) --no-deps --upgrade --target $(VENV)/protobuf7 'protobuf==7.36.2'
	@touch $@

# Not `npm ci`: that refuses a lock file without the builds of Biome for other systems, and not every registry
# has all of them. The versions and digests are the lock file's all the same.
$(STAMPS)/npm: $(STAMPS)/dev frontend/package.json frontend/package-lock.json
	$(say) 'installing the front end'\''s packages'
	@cd frontend && npm install --no-save --loglevel error
	@touch $@
