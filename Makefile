# From nothing but Python 3.11, make and git:
#
#   make demo    the whole service on this machine, with everyone's phones on one page
#   make test    the tests: first, alone, those that hold the service to seconds; then the rest on all cores
#   make check   style, types, import arrows, and what two scanners for weak spots find
#   make bars    what must hold, at full size, into the table of the README; ONLY="e1 f2" for some of it, PART=20 for a
#                twentieth of the size: whole and full it takes hours
#   make bench   the benchmark, into the table of the README; ONLY="panic ticks" for some of its cases, SIZE=small for a
#                quick look, which goes nowhere
#   make simulate  lives of the whole service under one clock, in the worst of weather: SEEDS=100 of them, FROM=1
#   make crashes the service ended in every way in the middle of a storm, into the table of docs/crashes.md; ONLY="walk power"
#                for some of its cases, ON=sqlite for one database, SIZE=small for a quick look, which goes nowhere
#   make audit   known faults of the locked packages, asked of the advisory database on the network
#   make mutants whether the tests notice each small change to the code that guards (MUTATE=vault for some of it)
#   make lock    the locks anew, after a change to the dependencies in pyproject.toml
#
# Each does its own set-up, once. What it fetches goes into .venv; nothing is left outside this folder.

RUN := .venv/bin/python
PYTHONS := python3.11 python3 python3.12 python3.13 python3.14 python
PIP := $(RUN) -m pip install --quiet --no-compile --only-binary :all:
LOCK := .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --group build

# pip keeps no cache in the home folder; nor does a rustc, which pip asks for its version, keep settings there.
export PIP_NO_CACHE_DIR = 1
export RUSTUP_HOME = $(CURDIR)/.venv/rustup
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# What the tests and their browser write goes to a scratch folder that lives as long as they do. Its path is short (a
# socket's may have 107 bytes), and others may pass through it: for root, PostgreSQL runs as nobody.
IN_SCRATCH := scratch=$$(mktemp -d) && chmod 711 "$$scratch" && trap 'rm -rf "$$scratch"' EXIT && trap 'exit 130' INT && trap 'exit 143' TERM \
	&& export HOME="$$scratch" TMPDIR="$$scratch" XDG_RUNTIME_DIR="$$scratch" XDG_CACHE_HOME="$$scratch" XDG_CONFIG_HOME="$$scratch" &&

.PHONY: demo test check bars bench simulate crashes audit mutants lock

demo: .venv/runtime
	@$(RUN) -m tocsin demo

test: .venv/development
	@$(IN_SCRATCH) $(RUN) -m pytest --basetemp="$$scratch/one" -m real_time \
		&& $(RUN) -m pytest --basetemp="$$scratch/all" -m "not real_time" --numprocesses logical --maxprocesses 4 \
			--dist loadfile --no-loadscope-reorder

check: .venv/development
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	.venv/bin/bandit --quiet --configfile pyproject.toml -r tocsin escalation store engine bot responders config rehearsal .ci
	.venv/bin/lint-imports --cache-dir .cache/import-linter

# -k "test_e1_ or test_f2_" for ONLY="e1 f2".
ONLY_THESE := $(if $(ONLY),-k "$(subst $() $(), or ,$(patsubst %,test_%_,$(strip $(ONLY))))")

PART := 1

bars: .venv/development
	@$(IN_SCRATCH) TOCSIN_BARS=$(PART) TOCSIN_BARS_PAGE=README.md \
		$(RUN) -m pytest tests/bars --basetemp="$$scratch/pytest" --durations=0 --durations-min=1 $(ONLY_THESE)

SIZE := full

bench: .venv/development
	@$(IN_SCRATCH) $(RUN) -m bench $(ONLY) --size $(SIZE) $(if $(filter full,$(SIZE)),--page README.md)

SEEDS := 100
FROM := 1

simulate: .venv/development
	@$(IN_SCRATCH) $(RUN) -m simulation --seeds $(SEEDS) --from $(FROM)

crashes: .venv/development
	@$(IN_SCRATCH) nice $(RUN) -m crashes $(ONLY) $(if $(ON),--on $(ON)) --size $(SIZE) \
		$(if $(filter full,$(SIZE)),--page docs/crashes.md)

audit: .venv/development
	@$(RUN) .ci/audit.py

mutants: .venv/development
	@$(IN_SCRATCH) nice -n 15 $(RUN) .ci/mutants.py $(MUTATE)

lock: .venv/development
	UV_CACHE_DIR=.cache/uv $(LOCK) --output-file requirements.lock
	UV_CACHE_DIR=.cache/uv $(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock

# The locks are installed first, with their hashes; then the `tocsin` command, which fetches nothing.
.venv/runtime: requirements.lock pyproject.toml
	@if ! $(RUN) -m pip --version >/dev/null 2>&1; then \
		for python in $(PYTHONS); do \
			"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
			python=; \
		done; \
		if [ -z "$$python" ]; then \
			echo 'Tocsin needs Python 3.11 or later with its venv module (Debian, Ubuntu: apt install python3 python3-venv).' >&2; \
			exit 1; \
		fi; \
		echo "Making the environment in .venv with $$("$$python" --version) ..."; \
		"$$python" -m venv --clear .venv || exit 1; \
	fi
	@echo 'Installing what requirements.lock names (once; about a minute) ...'
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(RUN) -m compileall -qq -j 0 .venv/lib || true
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	@echo 'Installing what requirements-dev.lock names (once; about a minute) ...'
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@$(RUN) -m compileall -qq -j 0 .venv/lib || true
	@touch $@
