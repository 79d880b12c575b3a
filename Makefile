# Everything one does with a checkout. `make` lists the targets; each makes .venv by itself when needed.

VENV := .venv
PYTHON_BIN := $(VENV)/bin/python
MANAGE := DEBUG=1 $(PYTHON_BIN) manage.py
PACKAGES := tenants mappings audit connections connector_site tests manage.py
# How many processes run the tests: a number, or auto for one per core.
JOBS ?= auto
# How many hostile files of every format `make fuzz` reads.
COUNT ?= 100000
# More arguments for pytest: make test ARGS="-k sftp"
ARGS ?=
PYTEST = $(PYTHON_BIN) -m pytest -n $(JOBS) $(ARGS)

# Values as in production, to check the settings as they are deployed. None of them is a secret of anyone.
PRODUCTION_LIKE := DEBUG=0 ENV_FILE=/dev/null DATABASE_URL=sqlite://:memory: \
	SECRET_KEY=only-for-the-deployment-check-0123456789-abcdefghijklmnop \
	FIELD_ENCRYPTION_KEYS=b25seS1mb3ItdGhlLWRlcGxveW1lbnQtY2hlY2stLS0= \
	SITE_URL=https://connector.example.org ALLOWED_HOSTS=connector.example.org BEHIND_PROXY=1

.DEFAULT_GOAL := help
.PHONY: help setup demo smoke bench fuzz run migrations test test-sqlite test-postgresql lint types format requirements clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## Make .venv with the pinned requirements

$(VENV)/.installed: requirements/dev.txt
	@.ci/setup
	@touch $@

demo: setup ## Run the whole application against stand-ins of every outside system
	$(MANAGE) demo

smoke: setup ## Drive the application from sign-up to delivered documents, and stop
	$(MANAGE) smoke

bench: setup ## Measure translation, throughput and latency on this machine
	$(PYTHON_BIN) -m tests.benchmarks
	DEBUG=1 $(PYTHON_BIN) -m tests.servers postgresql -- $(PYTHON_BIN) manage.py bench

fuzz: setup ## Read COUNT hostile files of every wire format
	$(PYTHON_BIN) -m tests.mappings.fuzzing --count $(COUNT)

run: setup ## Run web and worker for development, on http://localhost:8000
	$(MANAGE) migrate
	@trap 'kill $$worker; wait $$worker' EXIT; trap 'exit 130' INT TERM; \
		$(MANAGE) worker & worker=$$!; $(MANAGE) runserver

migrations: setup ## Write the migrations that model changes need
	$(MANAGE) makemigrations

test: setup ## Run every test on SQLite, then on PostgreSQL those that use the database
	$(PYTHON_BIN) -m tests.machine install
	$(MAKE) test-sqlite
	$(MAKE) test-postgresql

test-sqlite: setup ## The first part of `make test`
	env -u DATABASE_URL $(PYTHON_BIN) -m tests.servers redis -- $(PYTEST)

test-postgresql: setup ## The second part of `make test`
	$(PYTHON_BIN) -m tests.servers postgresql redis -- $(PYTEST)

lint: setup ## Check style, types, layers, migrations and deployment settings
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/lint-imports
	$(MAKE) types
	$(PRODUCTION_LIKE) $(PYTHON_BIN) manage.py makemigrations --check --dry-run
	$(PRODUCTION_LIKE) $(PYTHON_BIN) manage.py check --deploy --fail-level WARNING

types: setup ## Check the types
	DEBUG=1 $(VENV)/bin/mypy $(PACKAGES)

format: setup ## Format the code and repair what can be repaired
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

requirements: setup ## Pin the newest versions that requirements/*.in allow
	cd requirements && for name in base dev; do \
		../$(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url $$name.in -o $$name.txt || exit; \
	done
	$(MAKE) setup

clean: ## Remove caches and collected files; keeps .venv and var/
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
