"""A copy of the test's database that can be dumped and restored as in docs/operate.md."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import psycopg
from django.db import connection

from apps.wire import epochs
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.postgres_cluster import wheel_dir
from tests.support.servers import stores


class DatabaseCopy:
    """A new database `url` with the current content of the test's database."""

    def __init__(self, folder: Path) -> None:
        url = urlsplit(stores()["DATABASE_URL"])
        self.name = f"copy_{uuid4().hex[:8]}"
        self.url = url._replace(path=f"/{self.name}").geturl()
        self._folder = folder
        hosts = parse_qs(url.query).get("host", [url.hostname or ""])
        self._host = ["-h", unquote(hosts[0]), "-U", url.username or "parley"]
        self._run("createdb", self.name)
        first = self.dump(str(connection.settings_dict["NAME"]))
        self._run("pg_restore", "-d", self.name, str(first))

    def dump(self, name: str = "") -> Path:
        """Back it up. Returns the path of the dump."""
        path = self._folder / f"{uuid4().hex}.dump"
        self._run("pg_dump", "-Fc", "-f", str(path), name or self.name)
        return path

    def restore(self, path: Path) -> None:
        """Restore a backup over the current content."""
        self._run("pg_restore", "--clean", "--if-exists", "-d", self.name, str(path))

    def manage(self, *command: str) -> None:
        """Run a management command on this database."""
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *command],
            cwd=CHECKOUT,
            env={**os.environ, **stores(), "DATABASE_URL": self.url},
            check=True,
            capture_output=True,
        )

    def epoch(self) -> str:
        """The current epoch."""
        with psycopg.connect(self.url) as session:
            row = session.execute(epochs.CURRENT).fetchone()
        assert row is not None
        return str(row[0])

    def drop(self) -> None:
        """Delete the database."""
        self._run("dropdb", "--force", self.name)

    def _run(self, program: str, *arguments: str) -> None:
        path = wheel_dir() / "pginstall/bin" / program
        done = subprocess.run(
            [path, *self._host, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
