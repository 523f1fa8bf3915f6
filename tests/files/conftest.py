"""Fixtures of these tests."""

from types import SimpleNamespace

import pytest
from PIL import Image

from apps.files.pictures.process import convert_here


class Result(SimpleNamespace):
    """What a conversion returned, and the folder with its files."""

    def opened(self, name="full"):
        """One variant, opened."""
        return Image.open(self.folder / name)


@pytest.fixture
def converted(tmp_path):
    """Convert bytes in this process: `converted(b"...")`."""

    def convert(content):
        source, folder = tmp_path / "source", tmp_path / "variants"
        source.write_bytes(content)
        folder.mkdir(exist_ok=True)
        result = convert_here(source, folder)
        variants = {each["name"]: SimpleNamespace(**each) for each in result.pop("variants")}
        return Result(folder=folder, variants=variants, **result)

    return convert
