"""`python -m tests.support.forked_sample FD`: writes to FD what it was started with, and exits with
the code 3."""

import json
import os
import sys

NAME = "FORKED_SAMPLE"
# They read settings, or the environment, when they are imported.
READERS = ("chatproject.settings", "apps.core.log_lines", "prometheus_client")


def main() -> None:
    """Write it as JSON."""
    started = {
        "argv": sys.argv[1:-1],
        "module": __name__,
        "folder": os.getcwd(),
        "environment": {name: os.environ.get(name) for name in (NAME, "HOME")},
        "input": os.readlink("/proc/self/fd/0"),
        "leads": os.getsid(0) == os.getpid(),
        "parent": os.getppid(),
        "libraries": "rest_framework.serializers" in sys.modules,
        "readers": [name for name in READERS if name in sys.modules],
        "open": sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1],
    }
    os.write(int(sys.argv[-1]), json.dumps(started).encode())
    print("a line of its log")
    sys.exit(3)


if __name__ == "__main__":
    main()
