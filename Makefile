# `make` alone lists the targets. README says what each needs.
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python

# As they were typed: a file's name may hold spaces, quotes and dollar signs, so it travels in the environment.
override CLIP := $(value CLIP)
override JSON := $(value JSON)
override OUT := $(value OUT)
override ONLY := $(value ONLY)
override DIR := $(value DIR)
override BENCH_DIR := $(value BENCH_DIR)
override N := $(value N)
override SEED := $(value SEED)
export CLIP JSON OUT ONLY DIR BENCH_DIR N SEED PYTHON

.PHONY: help run demo corpus bench faults screenshots audit fuzz test check test-sqlite test-mariadb assets assets-check openapi messages lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, then start the site (PORT=8000)
	@scripts/setup
	@exec $(PY) manage.py run

demo: ## upload CLIP (a file or a folder; default: the demo clip), play it back, report; JSON=file OUT=folder
	@scripts/setup
	@set --; \
	[ -z "$$JSON" ] || set -- "$$@" --json "$$JSON"; \
	[ -z "$$OUT" ] || set -- "$$@" --out "$$OUT"; \
	[ -z "$$CLIP" ] || set -- "$$@" -- "$$CLIP"; \
	exec $(PY) manage.py demo "$$@"

corpus: ## the same with every file below DIR (default ../shared/media), compared with its MANIFEST.tsv; JSON=file OUT=folder
	@scripts/setup
	@set -- --corpus --longest 300; \
	[ -z "$$JSON" ] || set -- "$$@" --json "$$JSON"; \
	[ -z "$$OUT" ] || set -- "$$@" --out "$$OUT"; \
	exec $(PY) manage.py demo "$$@" -- "$${DIR:-../shared/media}"

bench: ## what encoding costs and gives, in a table and bench/results/latest.json; BENCH_DIR=folder of clips ONLY=rows
	@scripts/setup
	@exec $(PY) -m bench

faults: ## kill, freeze, fill up and repeat, counted: a table and bench/results/faults.json; ONLY=fault N=tries SEED=number
	@scripts/setup-test
	@exec $(PY) -m bench.faults --only "$$ONLY" --count "$${N:-0}" --seed "$${SEED:-6}"

screenshots: ## every page and state, 390 and 1366 px, light and dark, into OUT (default var/screenshots); ONLY=pattern
	@scripts/setup-test
	@exec $(PY) -m bench.screenshots --out "$${OUT:-var/screenshots}" --only "$$ONLY"

audit: ## who may open what, axe on every page, scripts, queries, lists at 100,000 videos: a table and bench/results/audit.json
	@scripts/setup-test
	@exec $(PY) -m bench.audit

fuzz: ## N damaged files (default 1000) through probe, gate, encode and check; another SEED makes others
	@scripts/setup-test
	@exec $(PY) -m bench.fuzz --count "$${N:-1000}" --seed "$${SEED:-0}"

test: ## everything: check, all tests, the database tests on MariaDB too, the committed assets
	@scripts/setup-test
	@$(MAKE) -j2 --output-sync=recurse check assets-check
	@$(MAKE) test-sqlite
	@$(MAKE) test-mariadb

check: ## format, lint, types, who imports whom, Django's own checks, migrations
	@scripts/setup-test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy .
	.venv/bin/lint-imports --no-logo
	$(PY) manage.py check --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	@scripts/openapi --check
	$(PY) -m tests.mariadb scripts/as-production $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -m tests.mariadb scripts/as-production $(PY) manage.py check --tag database --database default --fail-level WARNING

test-sqlite: ## all tests, on SQLite
	$(PY) -m pytest $(ARGS)

test-mariadb: ## the tests that need no stack, on a private MariaDB
	$(PY) -m tests.mariadb $(PY) -m pytest -m "not ffmpeg and not stack and not browser" $(ARGS)

assets: ## rebuild static/dist from assets (needs Node)
	npm ci --ignore-scripts --no-audit --no-fund
	npm run build

assets-check: ## is the committed static/dist what assets build to?
	@scripts/assets-check

openapi: ## write docs/openapi.yaml anew, from the code
	@scripts/openapi

messages: ## read every sentence into locale/, and make what the site reads of it
	@scripts/setup-test
	@$(PY) -m tests.catalogue

lock: ## lock the requirements anew
	@scripts/lock

clean: ## remove all that run and test made: environments, database, videos, keys
	@scripts/clean
