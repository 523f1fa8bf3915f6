"""`python -m chatproject.run.fork_server FD MODULE…`: imports modules once, for all processes that
it forks. `chatproject.run.forks` speaks to it.
"""

import gc
import json
import os
import resource
import runpy
import signal
import socket
import sys
from fcntl import F_DUPFD, fcntl
from importlib import import_module
from typing import Any

from chatproject.run.prctl import SET_NAME, prctl
from chatproject.run.service import die_with_parent

# What it says, beside process ids. `make restart` has the supervisor of one release speak with the
# server of the next: who changes the requests changes the number, and services are executed until
# the supervisor is started again.
READY, ADOPTED, FAILED = b"ready 1", b"adopted", b"failed"
MAX_BYTES, MAX_FDS = 1_000_000, 16
# Above all numbers that a command line may name.
FIRST_FREE_FD = min(512, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


def main() -> None:
    """Fork until the process that asks ends. Each fork runs its module as `python -m` does."""
    descriptor, *names = sys.argv[1:]
    prctl(SET_NAME, b"forks")
    given = dict(os.environ)
    with socket.socket(fileno=int(descriptor)) as line:
        for name in names:
            import_module(name)
        # Collections would write to the pages that forks share.
        gc.collect()
        gc.freeze()
        try:
            line.send(READY)
        except ConnectionError:  # the process that asks has ended
            sys.exit()
        wanted, fds = _fork_on_request(line)
    # A module that is imported already does not set its variables again.
    defaults = {name: value for name, value in os.environ.items() if name not in given}
    changed = {name: os.environ[name] for name in given if os.environ.get(name) != given[name]}
    _take_over(wanted | {"environment": defaults | wanted["environment"] | changed}, fds)
    sys.argv[1:] = wanted["arguments"]
    runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)


def _fork_on_request(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each request. Returns in the forked process only: its request, and the descriptors
    that came with it. Exits with the process that asks.

    The process between ends at once, so that the forked one becomes a child of the one that asked,
    which waits for it as for any other. That one gets its id, and is told once it is its child. The
    forked one goes on only when it can read a byte from the first descriptor.
    """
    while True:
        data, fds, _, _ = socket.recv_fds(line, MAX_BYTES, MAX_FDS)
        if not data:
            sys.exit()
        try:
            between = os.fork()
        except OSError:  # too many processes, or too little memory
            between = -1
        if not between:
            _fork_again(line)
            if not os.read(fds[0], 1):
                os._exit(1)
            os.close(fds[0])
            return json.loads(data), fds[1:]
        is_forked = between > 0 and os.waitpid(between, 0)[1] == 0
        for each in fds:
            os.close(each)
        line.send(ADOPTED if is_forked else FAILED)


def _fork_again(line: socket.socket) -> None:
    """Return in the new process, and end this one after its id was sent."""
    code = 1
    try:
        child = os.fork()
        if not child:
            return
        line.send(str(child).encode())
        code = 0
    except OSError:
        pass
    os._exit(code)


def _take_over(wanted: dict[str, Any], fds: list[int]) -> None:
    """Be the process that was asked for: its session, files, folder, environment and name."""
    os.setsid()
    moved = [fcntl(each, F_DUPFD, FIRST_FREE_FD) for each in fds]
    nothing = os.open(os.devnull, os.O_RDONLY)
    targets = [0, 1, 2, *wanted["fds"]]
    for source, target in zip([nothing, moved[0], *moved], targets, strict=True):
        os.dup2(source, target)
    for each in {nothing, *fds, *moved} - set(targets):
        os.close(each)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    # The command line is the same for all of them.
    prctl(SET_NAME, wanted["name"].encode())
    die_with_parent(wanted["parent"], signal.Signals(wanted["stop_signal"]))


if __name__ == "__main__":
    main()
