"""The metrics that processes count themselves, without those that are read from the stores."""

import fcntl
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# The folder in which the processes of this machine share their counters (prometheus_client).
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
LIVE_FILE = re.compile(r"gauge_live\w+_(\d+)\.db")
# What adds up: the sum of the dead processes is in the file of the process 0, which never is one.
SUMMED = ("counter", "histogram", "summary")
LOCK_TIMEOUT_S = 5.0


def counters() -> bytes:
    """What this process has counted, or all processes that share its folder, in text format.

    Raises TimeoutError when another process holds the folder's lock for too long.
    """
    if MULTIPROCESS_DIR not in os.environ:
        return generate_latest(REGISTRY)
    folder = Path(os.environ[MULTIPROCESS_DIR])
    with _locked(folder):
        _forget_dead_gauges(folder)
        for kind in SUMMED:
            _add_up_dead(folder, kind)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the folder: a process that reads while another adds up would count something twice, or
    not at all."""
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    with (folder / "lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError("another process keeps the folder of counters") from None
                time.sleep(0.01)
        yield


def _forget_dead_gauges(folder: Path) -> None:
    """Delete the gauges of processes that were killed: their connections are gone."""
    for file in folder.iterdir():
        found = LIVE_FILE.fullmatch(file.name)
        if found and not _runs(int(found[1])):
            mark_process_dead(int(found[1]), folder)  # type: ignore[no-untyped-call]


def _add_up_dead(folder: Path, kind: str) -> None:
    """Move what dead processes have counted into one file: a worker that dies at each start would
    leave so many that they cannot be read in time.

    May be killed at any point. `to_delete` lists the files that `new` contains, and `new` is there
    until it counts.
    """
    new, to_delete, total = (
        folder / name for name in (f"{kind}.new", f"{kind}.to_delete", f"{kind}_0.db")
    )
    if to_delete.exists() and not new.exists():
        _delete(folder, to_delete)
    to_delete.unlink(missing_ok=True)
    new.unlink(missing_ok=True)
    dead = [
        file
        for file in folder.glob(f"{kind}_*.db")
        if file != total and not _runs(int(file.stem.rpartition("_")[2]))
    ]
    if not dead:
        return
    _write_sum(new, [*dead, total])
    to_delete.write_text("\n".join(file.name for file in dead))
    new.rename(total)
    _delete(folder, to_delete)


def _delete(folder: Path, to_delete: Path) -> None:
    for name in to_delete.read_text().split():
        (folder / name).unlink(missing_ok=True)
    to_delete.unlink()


def _write_sum(new: Path, files: Iterable[Path]) -> None:
    values: dict[str, float] = defaultdict(float)
    for file in files:
        # A process that was killed as it began has an empty one.
        if file.exists() and file.stat().st_size:
            read = MmapedDict.read_all_values_from_file(file)  # type: ignore[no-untyped-call]
            for key, value, *_ in read:
                values[key] += value
    written = MmapedDict(str(new))  # type: ignore[no-untyped-call]
    for key, value in values.items():
        written.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
    written.close()  # type: ignore[no-untyped-call]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
