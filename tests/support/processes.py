"""A process of the product that a test can kill and start again."""

import os
import tempfile
from pathlib import Path
from subprocess import Popen, TimeoutExpired

from chatproject.run.service import Service


class Process:
    """One part of the product and what it has printed since its first start."""

    def __init__(self, service: Service) -> None:
        self._service = service
        handle, name = tempfile.mkstemp(prefix=f"parley-{service.name}-", suffix=".log")
        os.close(handle)
        self._log = Path(name)
        self._process: Popen[bytes] | None = None

    def launch(self) -> None:
        """Start, without waiting."""
        with self._log.open("ab") as output:
            self._process = self._service.start(output)

    @property
    def pid(self) -> int:
        """The number of the live process."""
        assert self._process is not None
        return self._process.pid

    def launch_if_ended(self) -> None:
        """Start it again if it has ended, as a supervisor does."""
        assert self._process is not None
        if self._process.poll() is not None:
            self.launch()

    def wait(self, within: float) -> int:
        """The exit code of a process that ends by itself."""
        assert self._process is not None
        return self._process.wait(within)

    def kill9(self) -> None:
        """Kill it without a word of farewell."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, as a deployment does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self._service.stop_timeout_s)
            except TimeoutExpired:
                self.kill9()

    @property
    def log(self) -> str:
        """What it has printed since the first start."""
        return self._log.read_text(errors="replace")

    def remove(self) -> None:
        """Stop it, print its log (pytest shows it with a failure), and remove that."""
        self.stop()
        print(f"--- {self._service.name}\n{self.log}")
        self._log.unlink()
