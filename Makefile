# Everything Parley does from a checkout. `make help` lists it.

PYTHON ?= python3
PY := .venv/bin/python
INSTALL := $(PYTHON) -I chatproject/run/install.py
# What the settings demand, for a command that never connects.
UNCONNECTED := SECRET_KEY=check DATABASE_URL=postgresql:///check REDIS_URL=redis://check
COMPILE := .venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "make lock"
TESTS ?= tests
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run admin demo test faults check bench wire settings words lock audit clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## run Parley here: http://127.0.0.1:8000 (HOST, PORT, WEB_WORKERS)
	@$(INSTALL) embedded && exec $(PY) -m chatproject.run

admin: ## make an administrator's account, while `make run` runs
	@$(PY) manage.py createadmin

demo: ## fill a believable workspace to look at, while `make run` runs
	@$(PY) manage.py demo

test: ## run the tests (TESTS=tests/chats, JOBS=2)
	@$(INSTALL) test && $(PY) -m tests.support.system_packages
	@$(PY) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(TESTS); status=$$?; \
	if [ $$status -eq 1 ]; then \
		echo "Once more, and alone: what failed beside other tests"; \
		$(PY) -m pytest --last-failed --last-failed-no-failures none $(TESTS); status=$$?; \
	fi; \
	exit $$status

faults: ## the promises under longer and more frequent faults
	@$(INSTALL) test && $(PY) -m pytest -q -s --timeout 0 tests/promises --long

check: ## format, lint, types, import contracts, migrations, wire, templates, compose; then the tests
	@$(INSTALL) test && $(PY) -m tests.support.check
	@$(MAKE) --no-print-directory test

bench: ## measure, beside the stock way and the bare ceiling
	@$(INSTALL) test && exec $(PY) -m bench

wire: ## write what follows from apps/wire: JSON schema and browser types
	@$(INSTALL) test && $(UNCONNECTED) exec $(PY) manage.py wire

settings: ## write what follows from chatproject/config/table.py: operate.md, .env.example, compose
	@$(INSTALL) test && $(UNCONNECTED) exec $(PY) manage.py config --write

words: ## bring the catalogues of other languages up to date (needs GNU gettext)
	@$(INSTALL) test && $(UNCONNECTED) exec $(PY) manage.py words

lock: ## resolve requirements/*.in anew into hashed locks (UPGRADE=1 takes newer versions)
	@$(INSTALL) test
	@for name in uv base embedded test; do \
		echo requirements/$$name.txt; \
		$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

audit: ## look the locked packages up among known vulnerabilities (needs the network)
	@$(INSTALL) test && exec $(PY) -m pip_audit --require-hashes --disable-pip -r requirements/embedded.txt

clean: ## remove .venv and caches; var/ with all data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
