"""Loaded by `-p tests.support.plugin`: gives settings their stores before they are imported.

pytest-django imports the settings before the first conftest.py is read, hence a plugin.
"""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from chatproject.config.table import BY_NAME
from tests.support import stores

STORE = pytest.StashKey[stores.Store]()
# What a developer's shell says about their own server is nothing to the tests.
if "PYTEST_XDIST_WORKER" not in os.environ:
    for name in BY_NAME:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
os.environ.setdefault("SECRET_KEY", "a key that signs nothing but tests")
# Tests do in a second what people do in an hour; limits have tests of their own.
os.environ |= {"SENDS_PER_SECOND": "100000", "LIMITS_TIMES": "10"}
# Tests of the admin sign staff in without a password; tests/accounts/test_staff.py does not.
os.environ["STAFF_SECOND_FACTOR"] = "false"
# A test is one transaction, and may take its time in it. Servers get what they have in earnest.
os.environ.setdefault("DATABASE_TIMEOUT", "600")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the stores ahead of pytest-django's hook of the same name."""
    worker = "PYTEST_XDIST_WORKER" in os.environ
    early_config.stash[STORE] = stores.start_for_tests(controller=not worker)


# Folders of few and long tests; the many short ones fill what is left of the time at the end.
LONG_FIRST = ("promises", "sso", "run", "journeys", "realtime_client", "client", "notifications")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first, so that no process of several is left with one of them at the end."""

    def place(item: pytest.Item) -> int:
        folder = item.nodeid.split("/")[1]
        return LONG_FIRST.index(folder) if folder in LONG_FIRST else len(LONG_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def valkey_server(pytestconfig: pytest.Config) -> stores.Store:
    """This worker's own Valkey: restart() loses all it held."""
    return pytestconfig.stash[STORE]


class OneScopePerServer(LoadScopeScheduling):
    """As `--dist loadscope`, but the tests that need Keycloak run in one process, which starts it
    once."""

    def _split_scope(self, nodeid: str) -> str:
        folder = "tests/sso"
        return folder if nodeid.startswith(f"{folder}/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of a run with several processes; None: xdist's own."""
    return OneScopePerServer(config, log) if config.getoption("dist") == "loadscope" else None
