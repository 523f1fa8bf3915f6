"""The collected static files that browsers of tests are served."""

import fcntl
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from chatproject.run.data_dir import CHECKOUT

ROOT = CHECKOUT / "var" / "tests" / "static"


@cache
def collected_static() -> Path:
    """The folder of the collected static files; collects them unless they are of this release.

    Asked once in a test process: the answer takes a process that loads the product.
    """
    ROOT.mkdir(parents=True, exist_ok=True)
    # Several test processes start at the same time.
    with ROOT.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            [sys.executable, "-m", "chatproject.run.release", "static"],
            env={**os.environ, "STATIC_ROOT": str(ROOT)},
            cwd=CHECKOUT,
            check=True,
        )
    return ROOT
