"""A whole product to start: a fresh copy of the code, without anybody's data."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatproject.run.data_dir import CHECKOUT, DataDir, make_private_dir
from tests.support.product import Product

CODE = ("apps", "chatproject", "static", "templates", "requirements", "manage.py")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder with a path short enough for sockets, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(short_folder: Path) -> DataDir:
    """A data folder."""
    return DataDir(make_private_dir(short_folder / "var"))


@pytest.fixture
def product(short_folder: Path) -> Iterator[Product]:
    """A checkout that was never started; whatever runs of it is ended with the test."""
    product = Product(_checkout(short_folder))
    yield product
    product.end()


@pytest.fixture(scope="module")
def running_product() -> Iterator[Product]:
    """A product with two web processes, for tests that leave it as it is."""
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    product = Product(_checkout(folder))
    product.start(WEB_WORKERS="2")
    yield product
    product.end()
    shutil.rmtree(folder)


def _checkout(folder: Path) -> Path:
    for name in CODE:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder)
    return folder
