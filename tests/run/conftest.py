"""A whole product to start: a fresh copy of the code, without anybody's data."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatproject.run.var import CHECKOUT, Var, private_folder
from tests.support.product import Product

CODE = ("apps", "chatproject", "static", "templates", "requirements", "manage.py")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder with a path short enough for sockets, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def var(short_folder: Path) -> Var:
    """A data folder."""
    return Var(private_folder(short_folder / "var"))


@pytest.fixture
def product(short_folder: Path) -> Iterator[Product]:
    """A checkout that was never started; whatever runs of it is ended with the test."""
    for name in CODE:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, short_folder / name)
        elif source.exists():
            shutil.copy(source, short_folder)
    product = Product(short_folder)
    yield product
    product.end()
