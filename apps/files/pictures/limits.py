"""How large a picture may be, and what one conversion may use."""

import ctypes
import os
import resource
import signal
import sys

MAX_PIXELS = 40_000_000
MAX_SIDE = 16_320
MAX_FRAMES = 500
# Pixels of all frames of a moving picture: about ten seconds of processor time.
MAX_MOVING_PIXELS = 120_000_000

MAX_CPU_S = 20
# Other conversions and the rest of the product share the processor.
TIMEOUT_S = 90.0
MAX_MEMORY_BYTES = 320 * 2**20
MAX_FILE_BYTES = 32 * 2**20
NICENESS = 10
PR_SET_PDEATHSIG = 1  # prctl(2)


def limit_this_process(parent: int) -> None:
    """Limit memory, time, and files of this process, and end it when its parent ends.

    RLIMIT_DATA counts what the process allocates. RLIMIT_AS would also count mapped libraries.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for kind, number in (
        (resource.RLIMIT_DATA, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_S),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (number, number))
    os.nice(NICENESS)
