"""Fixtures: the deployed product, which a module's tests share, and browsers."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import executable, playwright
from tests.support.deployed import Deployed, program

__all__ = ["playwright"]

WORKERS = ("worker", "files", "beat")


@pytest.fixture(scope="package")
def deployed() -> Iterator[Deployed]:
    """All parts, started in the order of docker-compose.yml."""
    if executable() is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium: install it, or set CHROMIUM to its path")
    for name in ("postgres", "redis-server", "caddy"):
        program(name)
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    folder.chmod(0o755)  # PostgreSQL runs as nobody
    here = Deployed(folder)
    try:
        here.create_secrets()
        here.secrets.chmod(0o755)
        here.start_valkey()
        here.start_seaweedfs()
        here.start_proxy()
        here.start_postgres()
        released = here.run("release")
        assert released.returncode == 0, released.stdout + released.stderr
        for name in ("web", *WORKERS):
            here.launch(name)
        for name in ("web", "proxy", "seaweedfs"):
            here.wait_for(name)
        yield here
    finally:
        here.end()
        shutil.rmtree(folder, ignore_errors=True)
