"""P13, footprint: `make run` of a fresh copy of this checkout, with nobody connected."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.options import Options
from bench.report import Row, Target
from bench.stack import StartFailed
from chatproject.load import processes
from chatproject.load.endpoint import Endpoint
from chatproject.run.data_dir import CHECKOUT

MEMORY = Target(500, at_most=True)
INSTALL = Target(60, at_most=True)
FIRST = Target(15, at_most=True)
LATER = Target(5, at_most=True)
IDLE_S = 10.0
START_TIMEOUT_S = 120.0
# Variables that would make the product use other stores or settings.
UNSET_VARIABLES = (
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"),
    "DJANGO_SETTINGS_MODULE",
)


def run(options: Options) -> list[Row]:
    """Install if asked to, start without data, measure the memory, stop, and start again."""
    if "parley" not in options.contestants:
        return []
    with _copy() as checkout:
        rows = []
        python = sys.executable
        if options.install:
            rows.append(_row("install, warm cache", _install(checkout), "s", INSTALL))
            python = str(checkout / ".venv" / "bin" / "python")
        with _started(checkout, python) as (first, root):
            time.sleep(IDLE_S)
            _show_processes(root)
            memory = processes.resident_bytes(root) / 2**20
        with _started(checkout, python) as (later, root):
            worked = processes.cpu_seconds(root)
        return [
            *rows,
            _row("first start to the first page", first, "s", FIRST),
            _row("later start to the first page", later, "s", LATER),
            _row("later start, processor time", worked, "CPU-s"),
            _row("resident, nobody connected", memory, "MiB", MEMORY),
        ]


@contextmanager
def _copy() -> Iterator[Path]:
    """A copy of this checkout without ignored files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (CHECKOUT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / name, Path(folder) / name)
        yield Path(folder)


def _install(checkout: Path) -> float:
    """The seconds of the installation at the beginning of `make run`."""
    began = time.perf_counter()
    subprocess.run(
        [sys._base_executable, "-I", "chatproject/run/install.py", "embedded"],  # type: ignore[attr-defined]
        cwd=checkout,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


@contextmanager
def _started(checkout: Path, python: str) -> Iterator[tuple[float, int]]:
    """Start the product. Yields the seconds until the first page, and the supervisor's pid."""
    endpoint = Endpoint(_free_port())
    environment = {k: v for k, v in os.environ.items() if k not in UNSET_VARIABLES}
    log = checkout / "bench.log"
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", "chatproject.run"],
            cwd=checkout,
            env=environment | {"PORT": str(endpoint.port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while not (_page(endpoint, "/livez") and _page(endpoint, "/")):
                if process.poll() is not None or time.perf_counter() - began > START_TIMEOUT_S:
                    raise StartFailed(log.read_text(errors="replace"))
                time.sleep(0.02)
            yield time.perf_counter() - began, process.pid
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _page(endpoint: Endpoint, path: str) -> bool:
    """Whether a page is served. Follows a redirect to the sign-in page."""
    try:
        with urllib.request.urlopen(endpoint.origin + path, timeout=START_TIMEOUT_S) as response:
            return response.status == 200
    except (urllib.error.HTTPError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _show_processes(root: int) -> None:
    for process in processes.tree(root):
        mebibytes = processes.resident_bytes_of(process) / 2**20
        print(f"  {mebibytes:7.1f} MiB  {processes.name(process)}", flush=True)


def _row(metric: str, value: float, unit: str, target: Target | None = None) -> Row:
    return Row(row="P13", metric=metric, value=value, unit=unit, target=target)
