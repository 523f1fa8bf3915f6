"""`make run STORAGE=s3`, and the settings of a bucket."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from chatproject.config.conflicts import conflicts
from chatproject.config.table import BY_NAME
from chatproject.storage import object_storage

USE = """
from io import BytesIO
from apps.files.gateways import objects
objects.put("a/b", BytesIO(b"stored"))
print([each.key for each in objects.listing("")])
"""


def test_a_product_with_seaweedfs_stores_in_its_bucket(product, monkeypatch):
    monkeypatch.setenv("STORAGE", "s3")
    product.start()
    assert state_of_storage(product) == "ok"
    assert "['a/b']" in product.manage("shell", "-c", USE)
    var = product.checkout / "var"
    assert not (var / "files").exists()
    for private in (var / "seaweedfs", var / "s3_key"):
        assert private.stat().st_mode & 0o077 == 0
    # Except of a port that another program took in this moment.
    said = [line for line in product.lines if "seaweedfs" in line.lower()]
    assert [line for line in said if "is not available, finding alternative" not in line] == []
    assert product.stop() == 0
    product.start()
    assert "['a/b']" in product.manage("shell", "-c", USE)
    assert product.stop() == 0


def state_of_storage(product):
    while True:
        with urlopen(f"{product.url}/readyz") as answer:
            state = json.load(answer)["storage"]
        if state != "unknown":
            return state


def test_another_storage_or_another_bucket_is_refused(product):
    for environment, reason in (
        ({"STORAGE": "tape"}, "STORAGE is 'tape'"),
        ({"STORAGE": "s3", "S3_BUCKET": "files"}, "S3_BUCKET names another bucket"),
    ):
        done = product.run(**environment)
        assert done.returncode == 1
        assert reason in done.stderr


def settings(**given):
    unset = {name: "" for name in BY_NAME if name.startswith("S3_")}
    return object_storage(unset | given, folder=Path("/srv/files"))


def test_without_a_bucket_files_are_in_the_folder():
    assert settings()["OPTIONS"]["location"] == Path("/srv/files")
    assert settings(S3_BUCKET="files")["OPTIONS"]["bucket_name"] == "files"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"S3_ENDPOINT_URL": "http://s3"}, "S3_BUCKET"),
        ({"S3_CA": "/ca.crt"}, "S3_BUCKET"),
        ({"S3_PUBLIC_URL": "http://s3"}, "S3_BUCKET"),
        ({"S3_ACCESS_KEY_ID": "a"}, "S3_BUCKET"),
        ({"S3_DIRECT_UPLOADS": True}, "S3_BUCKET"),
        ({"S3_BUCKET": "files", "S3_DIRECT_UPLOADS": True}, "S3_PUBLIC_URL"),
        ({"S3_BUCKET": "files", "S3_ACCESS_KEY_ID": "a"}, "S3_SECRET_ACCESS_KEY"),
        ({"S3_BUCKET": "files", "S3_SECRET_ACCESS_KEY": "a"}, "S3_ACCESS_KEY_ID"),
    ],
)
def test_half_of_the_settings_is_refused(given, missing):
    unset = {name: "" for name in BY_NAME if name.startswith("S3_")}
    [problem] = conflicts(unset | given)
    assert missing in problem
