"""A real PgBouncer in transaction mode, in front of a PostgreSQL."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import psycopg
import pytest

from chatproject.run.data_dir import DataDir
from chatproject.run.postgres_cluster import cluster
from chatproject.run.service import Service
from tests.support.live import database
from tests.support.processes import Process
from tests.support.servers import stores

PORT = 6432
POOL_SIZE = 4
SETTINGS = """\
[databases]
* = host={host} user={user} pool_size={pool_size}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
max_client_conn = 500
"""


class PgBouncer(Process):
    """One in front of the server at `address`, which has a Unix socket. `url` leads through it."""

    def __init__(self, address: str, *, pool_size: int = POOL_SIZE) -> None:
        program = shutil.which("pgbouncer")
        if program is None:
            pytest.skip("no pgbouncer (Debian: apt install pgbouncer)")
        self.folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
        url = urlsplit(address)
        host = unquote(parse_qs(url.query).get("host", [url.hostname or ""])[0])
        (self.folder / "ini").write_text(
            SETTINGS.format(
                host=host,
                user=url.username,
                pool_size=pool_size,
                port=PORT,
                folder=self.folder,
            )
        )
        super().__init__(
            Service(
                name="pgbouncer",
                command=(program, str(self.folder / "ini")),
                # It does not run as root, either.
                preexec_fn=cluster(DataDir(self.folder)).preexec_fn,
            )
        )
        at = f"host={quote(str(self.folder))}&port={PORT}"
        self.url = f"postgresql://{url.username}@{url.path}?{at}"

    def start(self) -> None:
        """Launch it, and wait until it leads to the database."""
        self.launch()
        deadline = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{error}\n{self.log}") from error
                time.sleep(0.05)
            else:
                return

    def remove(self) -> None:
        """Stop it, and delete its folder."""
        super().remove()
        shutil.rmtree(self.folder)


@pytest.fixture
def pgbouncer(db: None) -> Iterator[str]:
    """The DATABASE_URL of the test's database through PgBouncer."""
    process = PgBouncer(database(stores)["DATABASE_URL"])
    database(process.start)
    yield process.url
    process.remove()
