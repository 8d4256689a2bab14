# `make` alone lists the targets. Whatever a target needs is set up first, once: a file is left in
# .venv for each finished step, and only after the step has succeeded.

PYTHON ?= python3
UV ?= uv
ARGS ?=

# What the board says it is; no such file elsewhere.
BOARD ?= /proc/device-tree/model
ON_A_PI := $(shell grep -aqs 'Raspberry Pi' '$(BOARD)' && echo yes)

RUN_PACKAGES := espeak-ng libportaudio2
TEST_PACKAGES := pulseaudio pulseaudio-utils libasound2-plugins systemd shellcheck
PAGE_PACKAGES := chromium
BENCH_PACKAGES := alsa-utils
APPLIANCE_PACKAGES := debootstrap systemd-container
ARM64_PACKAGES := debootstrap systemd-container qemu-user-static

# On a Pi lgpio comes from the system, as there is no wheel of it for every Python; so the virtual
# environment has to be of the system's Python, and to see the system's packages.
ifeq ($(ON_A_PI),yes)
RUN_PACKAGES += python3-lgpio python3-venv
PYTHON := /usr/bin/python3
VENV_FLAGS := --system-site-packages
endif

# Some tests wait, for sound or for a session in real time; meanwhile others have the cores.
SIDE_BY_SIDE := --numprocesses 4 --dist loadfile

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
REQUIREMENTS := requirements/build.txt requirements/runtime.txt

MAKEFLAGS += --no-print-directory --no-builtin-rules
# Side by side, only one recipe gets the keyboard.
.NOTPARALLEL:
.PHONY: help run test test-pages test-long screenshots check format audit lock release clean
.PHONY: appliance-test arm64-test bench bench-quick soak soak-quick fuzz moved
.PHONY: run-packages test-packages bench-packages page-packages appliance-packages arm64-packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: run-packages .venv/runtime.done ## set everything up, then run the kiosk (ARGS="--program ID")
	@$(BIN)/kiosk run $(ARGS)

test: test-packages .venv/dev.done ## set everything up, then pass the tests (ARGS="-k WORD")
	@$(BIN)/python -m pytest -m "not long and not browser" $(SIDE_BY_SIDE) $(ARGS)

test-pages: test-packages page-packages .venv/dev.done ## the tests that open the pages in Chromium
	@$(BIN)/python -m pytest -m "browser and not long" $(ARGS)

test-long: test-packages .venv/dev.done ## the tests that take minutes, in real time
	@$(BIN)/python -m pytest -m long $(ARGS)

appliance-test: appliance-packages .venv/dev.done ## install on a system of its own and start it (as root)
	@KIOSK_APPLIANCE=yes $(BIN)/python -m pytest tests/appliance $(ARGS)

arm64-test: arm64-packages .venv/dev.done ## the same on an emulated 64-bit ARM, and its unit tests (as root)
	@KIOSK_ARM64=yes $(BIN)/python -m pytest tests/arm64 $(ARGS)

soak: run-packages .venv/dev.done ## live a year with the kiosk in a time that jumps (ARGS="--seed N --days N")
	@$(BIN)/python -m tests.soak $(ARGS)

soak-quick: run-packages .venv/dev.done ## the same for two minutes, the same each time
	@$(BIN)/python -m tests.soak --minutes 2 --seed 2026 $(ARGS)

fuzz: run-packages .venv/dev.done ## try odd files, settings, forms and events at random (ARGS="--minutes 30")
	@$(BIN)/python -m tests.fuzz $(ARGS)

bench: test-packages bench-packages page-packages .venv/dev.done ## measure all of it, into docs/reference/benchmarks.md
	@$(BIN)/python -m tests.bench $(ARGS)

bench-quick: test-packages bench-packages .venv/dev.done ## do the measured ratios still hold?
	@$(BIN)/python -m tests.bench --quick

screenshots: run-packages page-packages .venv/dev.done ## pictures of the pages, into .cache/screenshots
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

check: .venv/dev.done ## look at format, lint, types and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.done ## put every Python file into the common format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

audit: .venv/dev.done ## can all that is needed be had on a Raspberry Pi, under which licences?
	@$(BIN)/python tools/audit_dependencies.py $(ARGS)

lock: ## pin the requirements anew (ARGS=--upgrade takes newer versions); needs uv
	@tools/lock.sh '$(UV)' $(ARGS)

release: .venv/runtime.done ## make the archive that people install from, and its hash, in dist
	@$(BIN)/python tools/make_release.py $(ARGS)

clean: ## remove the virtual environment and every cache
	rm -rf .venv .cache dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run-packages:
	@tools/system-packages.sh $(RUN_PACKAGES)

test-packages:
	@tools/system-packages.sh $(RUN_PACKAGES) $(TEST_PACKAGES)

bench-packages:
	@tools/system-packages.sh $(BENCH_PACKAGES)

page-packages:
	@tools/system-packages.sh $(PAGE_PACKAGES)

appliance-packages:
	@tools/system-packages.sh $(APPLIANCE_PACKAGES)

arm64-packages:
	@tools/system-packages.sh $(ARM64_PACKAGES)

# A virtual environment knows its own path: one that was moved or copied here is made anew.
ifneq ($(file <.venv/venv.done),$(CURDIR))
.venv/venv.done: moved
endif

.venv/venv.done:
	@tools/make-venv.sh '$(PYTHON)' .venv $(VENV_FLAGS)
	@pwd > $@

.venv/runtime.done: .venv/venv.done $(REQUIREMENTS) pyproject.toml
	@echo 'Installing the Python packages (takes a few minutes on a small board)…'
	@$(PIP) install --require-hashes $(addprefix --requirement ,$(REQUIREMENTS))
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.done: .venv/runtime.done requirements/dev.txt
	@echo 'Installing the Python packages for tests and checks…'
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@
