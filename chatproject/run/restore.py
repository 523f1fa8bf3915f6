"""`python -m chatproject.run.restore`: `manage.py restore` while `make run` does not run.

Starts the embedded stores, restores, and stops them. With `make restore`.
"""

import subprocess
import sys

from chatproject.run import stores
from chatproject.run.data_dir import CHECKOUT, default_data_dir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.lock import InstanceLock
from chatproject.run.supervisor import StopRequested, Supervisor


def main() -> int:
    """Restore. Returns the exit code."""
    data_dir = default_data_dir()
    try:
        make_private_dir(data_dir.root)
        with InstanceLock(data_dir):
            supervisor = Supervisor()
            supervisor.install_signal_handlers()
            try:
                stores.start(supervisor, data_dir)
                # It finds the stores and keys by itself. In the environment, the keys would be an
                # operator's choice, which it does not replace.
                command = [sys.executable, "manage.py", "restore", *sys.argv[1:]]
                return subprocess.run(command, cwd=CHECKOUT, check=False).returncode
            finally:
                supervisor.stop()
    except StopRequested:
        return 1
    except StartupError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
