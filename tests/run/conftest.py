"""Fixtures: a copy of the product's code without data, not started or running."""

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
    """An empty folder whose path is short enough for sockets; the path of tmp_path is too long."""
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(short_folder: Path) -> DataDir:
    """An empty data directory."""
    return DataDir(make_private_dir(short_folder / "var"))


@pytest.fixture
def product(short_folder: Path) -> Iterator[Product]:
    """A checkout that was never started. Its processes are stopped after the test."""
    product = Product(_checkout(short_folder))
    yield product
    product.end()


@pytest.fixture(scope="module")
def used_checkout() -> Iterator[Product]:
    """A checkout in which a module's tests start the product one after the other, so that its
    release is applied once: by the first start, here."""
    folder = Path(tempfile.mkdtemp(prefix="parley-test-"))
    product = Product(_checkout(folder))
    product.start(WEB_WORKERS="2")
    product.first_lines = list(product.lines)
    yield product
    product.end()
    shutil.rmtree(folder)


@pytest.fixture
def running_product(used_checkout: Product) -> Iterator[Product]:
    """A running product with two web processes. A test may end it: the next one starts it."""
    if not used_checkout.is_running():
        used_checkout.start(WEB_WORKERS="2")
    yield used_checkout
    print("".join(used_checkout.lines))


@pytest.fixture
def stopped_product(used_checkout: Product) -> Iterator[Product]:
    """A product that does not run, and has printed nothing."""
    used_checkout.end()
    used_checkout.lines.clear()
    yield used_checkout
    print("".join(used_checkout.lines))


def _checkout(folder: Path) -> Path:
    for name in CODE:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder)
    return folder
