"""A small installation with files, whose rows a module shares, and databases for restores of it."""

import os
import subprocess
import sys
from io import BytesIO
from math import inf
from types import SimpleNamespace
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pyrage
import pytest

from apps.backups import time_limit
from apps.backups.actions.make import make_backup
from apps.files.gateways import objects
from chatproject.run.data_dir import CHECKOUT
from tests.support.fill import fill
from tests.support.people import direct_chat, in_touch, person
from tests.support.servers import stores
from tests.support.uploads import stored_file

CONTENTS = (b"some words", b"others", bytes(range(256)) * 400)
MESSAGES = 50


def build():
    """Two people, a chat with messages, and files. Returns the chat and the contents by key."""
    alice, bob = person("alice"), person("bob", about="Tabs\t, lines\nand \\ all stay.")
    in_touch(alice, bob)
    chat = direct_chat(alice, bob)
    fill(chat, alice.id, end=MESSAGES)
    files = [stored_file(alice, "notes.txt", content) for content in CONTENTS]
    keys = [each.blob.key(each.blob.content["variants"][0]["name"]) for each in files]
    return SimpleNamespace(chat=chat, contents=dict(zip(keys, CONTENTS, strict=True)))


@pytest.fixture(scope="module")
def _rows(shared_rows):
    return shared_rows(build)


@pytest.fixture
def world(_rows, db, folder):
    """Rows that are committed, and their files in a folder."""
    for key, content in _rows.contents.items():
        objects.put(key, BytesIO(content))
    return _rows


@pytest.fixture
def lines():
    """What a backup or drill has said."""
    return []


@pytest.fixture
def make(tmp_path, lines):
    """Make a backup in `tmp_path / "backups"`."""

    def run(where=str(tmp_path / "backups"), **options):
        return make_backup(where, say=lines.append, **options)

    return run


@pytest.fixture
def let_time_pass(monkeypatch):
    """Call this when a run has begun: then it has taken too long."""

    def run(*_):
        monkeypatch.setattr(time_limit, "time", SimpleNamespace(monotonic=lambda: inf))

    return run


@pytest.fixture
def key():
    """A private key of age."""
    return pyrage.x25519.Identity.generate()


class Target:
    """An empty database beside that of the tests, and a folder for files."""

    # Of a program that is no command.
    settings: ClassVar = {"DJANGO_SETTINGS_MODULE": "chatproject.settings", "DATABASE_TIMEOUT": "0"}

    def __init__(self, folder):
        url = urlsplit(stores()["DATABASE_URL"])
        self.name = f"restored_{uuid4().hex[:8]}"
        self.url = url._replace(path=f"/{self.name}").geturl()
        self._server = url._replace(path="/postgres").geturl()
        self.folder = folder
        self._run(f"CREATE DATABASE {self.name} TEMPLATE template0")

    def manage(self, *arguments, program=("manage.py",), **environment):
        """Run a management command on it."""
        return subprocess.run(
            [sys.executable, "-W", "ignore", *program, *arguments],
            cwd=CHECKOUT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def environment(self):
        """Of the processes of this installation."""
        own = {"DATABASE_URL": self.url, "FILES_ROOT": str(self.folder), "S3_BUCKET": ""}
        return {**os.environ, **stores(), **own}

    def select(self, statement):
        """The first value of the first row."""
        with psycopg.connect(self.url) as session:
            return session.execute(statement).fetchone()[0]

    def drop(self):
        """Delete it."""
        self._run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _run(self, statement):
        with psycopg.connect(self._server, autocommit=True) as session:
            session.execute(statement)


class Source(Target):
    """The processes of the installation with the test's database."""

    def __init__(self, folder):
        self.folder = folder

    @property
    def environment(self):
        own = {"FILES_ROOT": str(self.folder), "S3_BUCKET": ""}
        return {**os.environ, **stores(), **own, **self.settings}


@pytest.fixture
def target(tmp_path):
    """An empty installation."""
    made = Target(tmp_path / "restored files")
    yield made
    made.drop()
