"""Fixtures of the tests of files."""

import json
from types import SimpleNamespace

import pytest
from PIL import Image

from apps.files.pictures.converter import read_outcome
from apps.files.pictures.process import outcome
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]


class Result(SimpleNamespace):
    """What a conversion returned, its variants by name, and the folder with their files."""

    def opened(self, name="full"):
        """One variant, opened."""
        return Image.open(self.folder / name)


@pytest.fixture
def converted(tmp_path):
    """Convert bytes in this process, which is faster: `converted(b"...")`."""

    def convert(content):
        source, folder = tmp_path / "source", tmp_path / "variants"
        source.write_bytes(content)
        folder.mkdir(exist_ok=True)
        result = read_outcome(json.dumps(outcome(source, folder)).encode())
        return Result(
            folder=folder,
            width=result.width,
            height=result.height,
            animated=result.animated,
            placeholder=result.placeholder,
            variants={each.name: each for each in result.variants},
        )

    return convert
