"""A real PgBouncer in transaction mode, in front of the PostgreSQL of the test run."""

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


@pytest.fixture
def pgbouncer(db: None) -> Iterator[str]:
    """The DATABASE_URL of the test's database through PgBouncer."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("no pgbouncer (Debian: apt install pgbouncer)")
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    url = urlsplit(database(stores)["DATABASE_URL"])
    host = unquote(parse_qs(url.query).get("host", [url.hostname or ""])[0])
    (folder / "ini").write_text(
        SETTINGS.format(host=host, user=url.username, pool_size=POOL_SIZE, port=PORT, folder=folder)
    )
    process = Process(
        Service(
            name="pgbouncer",
            command=(program, str(folder / "ini")),
            # It does not run as root, either.
            preexec_fn=cluster(DataDir(folder)).preexec_fn,
        )
    )
    database(process.launch)
    through = f"postgresql://{url.username}@{url.path}?host={quote(str(folder))}&port={PORT}"
    _wait(through, process)
    yield through
    process.remove()
    shutil.rmtree(folder)


def _wait(url: str, process: Process) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{error}\n{process.log}") from error
            time.sleep(0.05)
        else:
            return
