# Each target sets up all that it needs, on a machine with bash, make and python3; a second call is quick.
# `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

UV_VERSION := 0.13.9
UV ?= .tools/bin/uv
# `make UV=uv ...` uses a uv that is already installed.
UV_READY := $(if $(findstring /,$(UV)),$(UV))
RUN := .venv/bin
# Node.js comes as a wheel, the same on every machine; npm finds it here.
NODE_PATH_FIRST := PATH="$(CURDIR)/.venv/bin:$$PATH"
NPM = $(NODE_PATH_FIRST) npm --prefix alerts_app run --silent
PACKAGES := .ci/packages
# A microphone and a speaker, a sound server that plays both for the tests, and a voice.
SOUND := libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins espeak-ng
# Trust the certificates that the machine trusts: many shops and companies sit behind a TLS proxy.
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1

DEMO_SESSION ?= recordings/shop-day
PORT ?= 8480
DATA ?=
SESSIONS ?=
HOURS ?= 1

.PHONY: help setup demo test check bench measures delivery hearing app clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready-dev ## everything needed to work on Miseban

demo: .venv/.ready-run ## play a recorded shop through the whole box, and print the address to open (PORT=8480)
	@$(PACKAGES) want mosquitto
	@$(RUN)/miseban replay "$(DEMO_SESSION)" --serve --port $(PORT)

check: .venv/.ready-dev alerts_app/node_modules/.ready ## style, types, the import law, lock file, committed app
	$(UV) lock --check --quiet
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/lint-imports --no-cache
	$(NPM) lint
	$(NODE_PATH_FIRST) alerts_app/node_modules/.bin/tsc --noEmit -p alerts_app
	$(NPM) check:build

test: .venv/.ready-dev alerts_app/node_modules/.ready ## all tests, with the real broker and the real browser
	@$(PACKAGES) need mosquitto chromium libnss3-tools fonts-noto-cjk libatomic1 $(SOUND)
	$(NPM) test
	$(RUN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: .venv/.ready-bench ## speed of the eye against Open3D and OctoMap, what watching shelves costs; SESSIONS="a b": maps too
	@$(PACKAGES) need libgl1 libgomp1 libusb-1.0-0 libx11-6
	$(RUN)/python -m tests.benchmarks.bench_eye
	$(RUN)/python -m tests.benchmarks.bench_shelf
	@[ -z "$(SESSIONS)" ] || $(RUN)/python -m tests.benchmarks.bench_grid $(SESSIONS)

measures: .venv/.ready-bench ## every measure with its floor; DATA=folder of real sessions
	@[ -n "$(DATA)" ] || { echo 'Say where the real sessions are: make measures DATA=/path/to/sessions' >&2; exit 1; }
	@$(PACKAGES) need libgl1 libgomp1 libusb-1.0-0 libx11-6 mosquitto chromium libatomic1
	$(RUN)/python -m tests.benchmarks.measures "$(DATA)" $(ARGS)

delivery: .venv/.ready-dev alerts_app/node_modules/.ready ## every measure of how alerts reach people; ARGS="--only loss,phones": some of them
	@$(PACKAGES) need mosquitto chromium libnss3-tools fonts-noto-cjk libatomic1
	$(NODE_PATH_FIRST) $(RUN)/python -m tests.benchmarks.measure_delivery $(ARGS)

hearing: .venv/.ready-hearing ## every measure of the ears with its floor; DATA=folder of recorded sounds, HOURS=of a day without events
	@[ -n "$(DATA)" ] || { echo 'Say where the recorded sounds are: make hearing DATA=/path/to/sounds' >&2; exit 1; }
	@missed=; for one in voice raised_voice sounds machines; do \
		echo "measuring $$one ..." >&2; $(RUN)/python -m tests.benchmarks.measure_$$one "$(DATA)" || missed="$$missed $$one"; \
	done; \
	echo "measuring ear ..." >&2; \
	$(RUN)/python -m tests.benchmarks.measure_ear "$(DATA)" --hours $(HOURS) || missed="$$missed ear"; \
	[ -z "$$missed" ] || { echo "floors missed:$$missed" >&2; exit 1; }

app: .venv/.ready-dev alerts_app/node_modules/.ready ## build the phone app into edge/web/static
	$(NPM) build

clean: ## remove all that was set up or made
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist results
	rm -rf alerts_app/node_modules
	find edge tests -name __pycache__ -prune -exec rm -rf {} +

# --- set-up, each step once

.tools/bin/uv:
	@$(PACKAGES) need ca-certificates python3-venv
	@python3 -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

.venv/.ready-run: pyproject.toml uv.lock | $(UV_READY)
	@$(UV) sync --frozen --inexact --no-default-groups
	@touch $@

.venv/.ready-dev: pyproject.toml uv.lock | $(UV_READY)
	@$(UV) sync --frozen --inexact --extra score --group app
	@touch $@ .venv/.ready-run

.venv/.ready-bench: pyproject.toml uv.lock | $(UV_READY)
	@$(UV) sync --frozen --inexact --extra score --group app --group bench
	@touch $@ .venv/.ready-dev .venv/.ready-run

# One of its libraries comes as C source.
.venv/.ready-hearing: pyproject.toml uv.lock | $(UV_READY)
	@$(PACKAGES) need gcc libc6-dev python3-dev
	@$(UV) sync --frozen --inexact --extra score --group app --group hearing
	@touch $@ .venv/.ready-dev .venv/.ready-run

alerts_app/node_modules/.ready: alerts_app/package.json alerts_app/package-lock.json | .venv/.ready-dev
	@$(NODE_PATH_FIRST) npm --prefix alerts_app ci --no-audit --no-fund --loglevel=error
	@touch $@
