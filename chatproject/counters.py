"""The metrics that processes count themselves, without those that are read from the stores."""

import os
import re
from contextlib import suppress
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# The folder in which the processes of this machine share their counters (prometheus_client).
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
LIVE_FILE = re.compile(r"gauge_live\w+_(\d+)\.db")


def counters() -> bytes:
    """What this process has counted, or all processes that share its folder, in text format."""
    if MULTIPROCESS_DIR not in os.environ:
        return generate_latest(REGISTRY)
    _forget_dead_processes(Path(os.environ[MULTIPROCESS_DIR]))
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared)


def _forget_dead_processes(folder: Path) -> None:
    """Delete the gauges of processes that were killed: their connections are gone."""
    for file in folder.iterdir():
        found = LIVE_FILE.fullmatch(file.name)
        if found and not _runs(int(found[1])):
            with suppress(FileNotFoundError):  # another request deletes it, too
                mark_process_dead(int(found[1]), folder)  # type: ignore[no-untyped-call]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
