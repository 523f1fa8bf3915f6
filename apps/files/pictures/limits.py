"""How large a picture may be, and what one conversion may use."""

import ctypes
import os
import resource
import signal
import sys
from typing import NamedTuple

MAX_PIXELS = 40_000_000
MAX_SIDE = 16_320
MAX_FRAMES = 500
# Pixels of all frames of a moving picture: about ten seconds of processor time.
MAX_MOVING_PIXELS = 120_000_000

NICENESS = 10
PR_SET_PDEATHSIG = 1  # prctl(2)


class Limits(NamedTuple):
    """What one conversion may use.

    The largest pictures need 300 MiB and ten seconds of processor time, where others use the
    processor too.
    """

    cpu_s: int = 40
    memory_bytes: int = 320 * 2**20
    file_bytes: int = 32 * 2**20
    timeout_s: float = 60.0


def limit_this_process(parent: int, limits: Limits) -> None:
    """Limit memory, time, and files of this process, and end it when its parent ends.

    RLIMIT_DATA counts what the process allocates. RLIMIT_AS would also count mapped libraries.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for kind, most in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    os.nice(NICENESS)
