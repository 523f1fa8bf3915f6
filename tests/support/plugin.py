"""Loaded by `-p tests.support.plugin`: gives settings their stores before they are imported.

pytest-django imports the settings before the first conftest.py is read, hence a plugin.
"""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from chatproject.config.table import BY_NAME
from tests.support import no_way_out, stores
from tests.support.seaweedfs import SeaweedFS

HAS_NO_WAY_OUT = "PYTEST_HAS_NO_WAY_OUT"
STORE = pytest.StashKey[stores.Store]()
SEAWEEDFS = pytest.StashKey[SeaweedFS]()
# What a developer's shell says about their own server is nothing to the tests.
if "PYTEST_XDIST_WORKER" not in os.environ:
    for name in BY_NAME:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
# `make test STORAGE=s3` exports it: a product that a test starts has no S3 server of its own.
os.environ.pop("STORAGE", None)
# The product's processes are started hundreds of times: without bytecode files each start compiles
# all that it imports, which takes twice as long as the rest of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Databases that sync what they write, and are deleted a moment later: five times as fast in memory.
IN_MEMORY = Path("/dev/shm")
NEEDED_BYTES = 4 * 1024**3
if (
    "TMPDIR" not in os.environ
    and os.access(IN_MEMORY, os.W_OK)
    and shutil.disk_usage(IN_MEMORY).free >= NEEDED_BYTES
):
    os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)
os.environ.setdefault("SECRET_KEY", "a key that signs nothing but tests")
# Tests do in a second what people do in an hour; limits have tests of their own.
os.environ |= {"SENDS_PER_SECOND": "100000", "LIMITS_TIMES": "10", "NEWCOMER_HOURS": "0"}
# Tests of the admin sign staff in without a password; tests/accounts/test_staff.py does not.
os.environ["STAFF_SECOND_FACTOR"] = "false"
# A test is one transaction, and may take its time in it. Servers get what they have in earnest.
os.environ.setdefault("DATABASE_TIMEOUT", "600")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the stores ahead of pytest-django's hook of the same name."""
    gc.disable()  # what is imported and collected stays: see pytest_runtestloop
    worker = "PYTEST_XDIST_WORKER" in os.environ
    if not worker and no_way_out.enter():
        os.environ[HAS_NO_WAY_OUT] = "true"
    early_config.stash[STORE] = stores.start_for_tests(controller=not worker)
    _store_files(early_config, worker=worker)


def pytest_report_header() -> str:
    """Say whether the tests could reach other machines."""
    is_cut_off = HAS_NO_WAY_OUT in os.environ
    return f"network: {'loopback only' if is_cut_off else 'not cut off (needs ip, and namespaces)'}"


def _store_files(config: pytest.Config, *, worker: bool) -> None:
    """Set the storage of this process of the run, and of the servers that it starts: a folder or,
    with `--storage s3`, a SeaweedFS of its own."""
    folder = tempfile.mkdtemp(prefix="parley-files-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["FILES_ROOT"] = folder
    options = config.known_args_namespace
    runs_tests = worker or not getattr(options, "numprocesses", None)
    if options.storage == "s3" and runs_tests:
        server = config.stash[SEAWEEDFS] = SeaweedFS()
        atexit.register(server.remove)
        server.start()
        os.environ |= server.environment


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Let the garbage collector look only at what tests make, and less often. Otherwise it takes a
    tenth of the time of the tests, most of it for modules and thousands of collected tests."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


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


# Modules that mostly wait: for processes, for Keycloak, for timeouts, for retries. A process that
# runs them leaves the processors to the others. They are about a third of the whole run.
WAITING = (
    "tests/promises/test_",
    "tests/sso/keycloak",
    "tests/run/test_product.py",
    "tests/run/test_seaweedfs.py",
    "tests/realtime/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--last-waits` and `--storage`, for `make test`, `--long`, `--load`, `--down`
    and `--outages`, for `make faults`, and `--record`, for `make examples`."""
    parser.addoption("--long", action="store_true", help="longer, with more faults and examples")
    parser.addoption("--load", type=float, default=1.0, help="with --long: the share of load L")
    parser.addoption("--down", type=float, default=120.0, help="with --long: seconds of an outage")
    parser.addoption("--outages", default="", help="with --long: those that begin with this")
    parser.addoption("--record", action="store_true", help="write the responses of API examples")
    parser.addoption(
        "--storage",
        choices=("folder", "s3"),
        default="folder",
        help="where tests store files: in a folder, or in a bucket of SeaweedFS",
    )
    parser.addoption(
        "--last-waits",
        action="store_true",
        help="of several processes the last takes only tests that mostly wait",
    )


class Scheduling(LoadScopeScheduling):
    """As `--dist loadscope`, but the tests that need Keycloak, a folder, run in one process, which
    starts it once; with `--last-waits` the last process takes the modules in WAITING, and the
    others take them when nothing else is left."""

    def _split_scope(self, nodeid: str) -> str:
        folder = "tests/sso/keycloak"
        return folder if nodeid.startswith(f"{folder}/") else super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        preferred = self._only_waits(node)
        for scope in self.workqueue:
            if scope.startswith(WAITING) == preferred:
                self.workqueue.move_to_end(scope, last=False)
                break
        else:
            if preferred:
                node.shutdown()
                return
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        # A process is shut down once.
        if not node.shutting_down:
            super()._reschedule(node)

    def _only_waits(self, node: WorkerController) -> bool:
        last = self.numnodes - 1
        return self.config.getoption("last_waits") and last > 0 and node.gateway.id == f"gw{last}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of a run with several processes; None: xdist's own."""
    return Scheduling(config, log) if config.getoption("dist") == "loadscope" else None
