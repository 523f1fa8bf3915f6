"""A lock that allows one supervisor for each data directory."""

import fcntl
import os
from types import TracebackType
from typing import Self

from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError


class InstanceLock:
    """Locks a data directory until the process exits for any reason (flock)."""

    def __init__(self, data_dir: DataDir) -> None:
        self._path = data_dir.lock
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._file, 1000, 0).decode(errors="replace").strip()
            os.close(self._file)
            raise StartupError(
                f"Parley is already running from this checkout ({holder or 'starting'})."
            ) from None
        self.describe("starting")
        return self

    def describe(self, text: str) -> None:
        """Write a line about this process, which another start shows in its error."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"process {os.getpid()}, {text}\n".encode(), 0)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)
