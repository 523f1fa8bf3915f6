# Commands for a checkout. `make help` lists them.

PYTHON ?= python3
PY := .venv/bin/python
INSTALL := $(PYTHON) -I chatproject/run/install.py
# The required settings, for commands that never connect.
UNCONNECTED := SECRET_KEY=check DATABASE_URL=postgresql:///check REDIS_URL=redis://check
COMPILE := .venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "make lock"
TESTS ?= tests
JOBS ?= 2
STORAGE ?= folder

.DEFAULT_GOAL := help
.PHONY: help run restart restore upgrade admin demo test faults check bench digests wire settings examples screenshots words lock audit sbom clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## run Parley here: http://127.0.0.1:8000 (HOST, PORT, WEB_WORKERS, SSO=keycloak, STORAGE=s3)
	@$(INSTALL) embedded && exec $(PY) -m chatproject.run

restart: ## restart the services of `make run` one after the other, without a pause: a new release
	@$(INSTALL) embedded && exec $(PY) -m chatproject.run.rolling_restart

restore: ## restore a backup into an empty installation (FROM=/folder or s3://bucket/prefix, IDENTITY=file)
	@$(INSTALL) embedded && exec $(PY) -m chatproject.run.restore --from "$(FROM)" $(if $(IDENTITY),--identity "$(IDENTITY)")

upgrade: ## move the data of `make run` to the PostgreSQL of this release (PROGRAMS=folder of the old one's)
	@$(INSTALL) embedded && exec $(PY) -m chatproject.run.upgrade_database $(if $(PROGRAMS),--programs "$(PROGRAMS)")

admin: ## create an administrator, while `make run` runs
	@$(PY) manage.py createadmin

demo: ## create sample people and chats in the language of LANG, while `make run` runs
	@$(PY) manage.py demo

test: ## run the tests (TESTS=tests/chats, JOBS=2, STORAGE=s3)
	@$(INSTALL) test && $(PY) -m tests.support.system_packages
	@$(PY) -m pytest -n $$(($(JOBS) + 2)) --last-waits \
		--dist loadscope --no-loadscope-reorder --storage $(STORAGE) $(TESTS); status=$$?; \
	if [ $$status -eq 1 ]; then \
		$(PY) -m tests.support.rerun --storage $(STORAGE) $(TESTS); status=$$?; \
	fi; \
	exit $$status

faults: ## test the promises with longer and more frequent faults, the API and queries with more data
	@$(INSTALL) test && $(PY) -m pytest -q -s --timeout 0 --long \
		tests/promises tests/api/test_generated_requests.py \
		tests/chats/queries/test_flat.py tests/chats/search/test_brute_force.py

check: ## check format, lint, types, imports, generated files, scripts and more; then run the tests
	@$(INSTALL) test && $(PY) -m tests.support.check
	@$(MAKE) --no-print-directory test

bench: ## measure, compare with stock Django Channels and a bare ASGI server, draw docs/figures.md
	@$(INSTALL) test && $(PY) -m bench && exec $(PY) -m bench.page

digests: ## pin the images of docker-compose.yml by digest (needs Docker)
	@deploy/pin-digests

wire: ## update the JSON schema and browser types after a change in apps/wire
	@$(INSTALL) test && $(UNCONNECTED) exec $(PY) manage.py wire

settings: ## update the files that list settings after a change in chatproject/config/table/
	@$(INSTALL) test && $(UNCONNECTED) exec $(PY) manage.py config --write

examples: ## update the responses in apps/wire/api_examples.json after a change of the API
	@$(INSTALL) test && exec $(PY) -m pytest -q tests/api/test_examples.py --record

screenshots: ## draw the pictures of README, docs and the installable app again (needs a font with emoji)
	@$(INSTALL) test && exec $(PY) -m pytest -q tests/client/screenshots.py

words: ## update the catalogues of other languages (needs GNU gettext)
	@$(INSTALL) test && $(UNCONNECTED) exec $(PY) manage.py words

lock: ## resolve requirements/*.in into hashed locks (UPGRADE=1 takes newer versions)
	@$(INSTALL) test
	@for name in uv base bundler embedded test; do \
		echo requirements/$$name.txt; \
		$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

audit: ## check the locked packages for known vulnerabilities (needs the network)
	@$(INSTALL) test && exec $(PY) -m pip_audit --require-hashes --disable-pip -r requirements/embedded.txt

sbom: ## write var/sbom.json: packages and vendored files with versions, hashes and licences
	@$(INSTALL) test && exec $(PY) -m tests.support.sbom

clean: ## remove .venv and caches; keeps var/ with all data
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
