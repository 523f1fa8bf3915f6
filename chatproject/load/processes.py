"""Processor time and memory of process trees, read from /proc (proc(5))."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal() and (stat := _stat(int(entry))):
            children.setdefault(int(stat[1]), []).append(int(entry))
    found = [root]
    for process in found:
        found.extend(children.get(process, ()))
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of a tree so far. Ended children count with their parents."""
    ticks = 0
    for process in tree(root):
        if stat := _stat(process):
            ticks += sum(map(int, stat[11:15]))  # utime, stime, cutime, cstime
    return ticks / _TICKS


def resident_bytes(root: int) -> int:
    """Memory of a tree, as the sum of proportional set sizes: shared pages count once."""
    return sum(resident_bytes_of(process) for process in tree(root))


def resident_bytes_of(process: int) -> int:
    """Memory of one process, with its share of shared pages."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def name(process: int) -> str:
    """The command line of a process, shortened."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "?"
    return " ".join([words[0].rpartition("/")[2], *words[1:]]).strip()[:60]


@dataclass(frozen=True)
class Machine:
    """Processor time of the whole machine."""

    busy: float

    @classmethod
    def now(cls) -> "Machine":
        """Since the boot. Time stolen by other virtual machines counts as busy."""
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        user, nice, system, _, _, irq, soft, steal = map(int, fields[:8])
        return cls((user + nice + system + irq + soft + steal) / _TICKS)


def _stat(process: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name, which may contain blanks."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()


_LISTENS, _ESTABLISHED = "0A", "01"


def sockets(port: int) -> int:
    """How many connections to a port of this machine are open."""
    return len(_sockets(port, _ESTABLISHED))


def listening(port: int) -> list[int]:
    """The processes that serve a port of this machine, as far as this user may look at them. A
    process that only holds the socket for its children is not one of them."""
    wanted = {f"socket:[{inode}]" for inode in _sockets(port, _LISTENS)}
    holders = [
        int(each) for each in os.listdir("/proc") if each.isdecimal() and _holds(each, wanted)
    ]
    return [each for each in holders if not set(tree(each)[1:]) & set(holders)]


def _holds(process: str, wanted: set[str]) -> bool:
    folder = f"/proc/{process}/fd"
    try:
        return any(os.readlink(f"{folder}/{each}") in wanted for each in os.listdir(folder))
    except OSError:
        return False


def _sockets(port: int, state: str) -> list[str]:
    """The inodes of TCP sockets with this local port."""
    found = []
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(file).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[1].endswith(f":{port:04X}") and fields[3] == state:
                found.append(fields[9])
    return found
