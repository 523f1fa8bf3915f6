"""The whole product as a person runs it: `python -m chatproject.run` in a checkout."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from chatproject.run import postgres
from chatproject.run.data_dir import DataDir
from tests.support.ports import free_port

TIMEOUT_S = 90.0


class Product:
    """A checkout that a test can start and stop repeatedly."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self.first_lines: list[str] = []  # of the first start, where tests share a checkout
        self._new_lines: queue.Queue[str | None] = queue.Queue()
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a shell, without the settings of the tests."""
        ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "FILES_ROOT")
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ours and not name.startswith("S3_")
        }
        return {**kept, "PORT": str(self.port), "NO_COLOR": "1"}

    def start(self, **environment: str) -> None:
        """Start, and wait until it reports that it is ready."""
        self._process = self._popen(environment)
        self.wait_for_line("Parley is ready")

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a start that is expected to fail, and wait for its exit."""
        process = self._popen(environment, separate=True)
        out, err = process.communicate(timeout=TIMEOUT_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def manage(self, *arguments: str) -> str:
        """Run manage.py in the checkout. Returns its output."""
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str, code: int = 0) -> str:
        """Run Python in the checkout, which exits with `code`. Returns its output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def wait_for_line(self, words: str) -> str:
        """The next output line that contains `words`. Fails with all output if the process ends."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            line = self._new_lines.get(timeout=max(0, deadline - time.monotonic()))
            assert line is not None, f"it ended without {words!r}:\n" + "".join(self.lines)
            if words in line:
                return line

    @property
    def pid(self) -> int:
        """The process id of the supervisor."""
        assert self._process is not None
        return self._process.pid

    @property
    def database(self) -> str:
        """DATABASE_URL of the embedded server."""
        return postgres.url(DataDir(self.checkout / "var"))

    def wait_for_child(self, word: str, *, besides: psutil.Process | None = None) -> psutil.Process:
        """Wait for a child process with that word on its command line."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with suppress(psutil.NoSuchProcess):
                for child in self.children_with(word):
                    if child != besides:
                        return child
            time.sleep(0.05)
        raise AssertionError(f"no child process with {word!r}:\n" + "".join(self.lines))

    def wait_until_page(self) -> None:
        """Wait until the first page is served."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with suppress(OSError):
                if self.page() == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("no first page:\n" + "".join(self.lines))

    def wait_until_healthy(self, parts: set[str]) -> None:
        """Wait until /healthz says that each of these parts works."""
        found = {}
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=30) as response:
                found = json.load(response)["components"]
            if all(found[name]["state"] == "ok" for name in parts):
                return
            time.sleep(0.2)
        raise AssertionError(found)

    def wait_until_database(self) -> None:
        """Wait until the database accepts connections."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), psycopg.connect(self.database):
                return
            time.sleep(0.05)
        raise AssertionError("no database:\n" + "".join(self.lines))

    def child(self, word: str) -> psutil.Process:
        """The child process with that word (a program, a module) on its command line."""
        return self.children_with(word)[0]

    def children_with(self, word: str) -> list[psutil.Process]:
        """All of them."""
        return [
            child
            for child in psutil.Process(self.pid).children()
            if word in {child.name(), *(Path(item).name for item in child.cmdline())}
        ]

    def descendants(self) -> list[psutil.Process]:
        """All processes that the supervisor and its children have started."""
        return psutil.Process(self.pid).children(recursive=True)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal. Returns the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end of the process and of its output. Returns the exit code."""
        assert self._process is not None
        code = self._process.wait(TIMEOUT_S)
        if self._listener:
            self._listener.join(TIMEOUT_S)
        return code

    def page(self) -> int:
        """The HTTP status of the first page."""
        with urllib.request.urlopen(self.url, timeout=TIMEOUT_S) as response:
            return response.status

    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """Stop it if it runs, and print its output."""
        if self.is_running():
            self.stop(signal.SIGTERM)
        print("".join(self.lines))

    def _popen(self, extra: dict[str, str], *, separate: bool = False) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "chatproject.run"],
            cwd=self.checkout,
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if separate else subprocess.STDOUT,
            text=True,
        )
        if not separate:
            self._new_lines = queue.Queue()
            self._listener = threading.Thread(
                target=self._listen, args=(process, self._new_lines), daemon=True
            )
            self._listener.start()
        return process

    def _listen(self, process: subprocess.Popen[str], new_lines: queue.Queue[str | None]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)
            new_lines.put(line)
        new_lines.put(None)
