"""Objects at the storage."""

from io import BytesIO

import pytest

from apps.files.gateways import objects


@pytest.fixture
def folder(settings, tmp_path):
    default = settings.STORAGES["default"]
    options = default["OPTIONS"] | {"location": tmp_path}
    settings.STORAGES = settings.STORAGES | {"default": default | {"OPTIONS": options}}
    return tmp_path


def test_an_object_is_stored_read_and_deleted(folder):
    objects.put("files/a/full", BytesIO(b"0123456789"))
    objects.put("files/a/full", BytesIO(b"abcdefghij"))
    with objects.open_object("files/a/full") as file:
        assert file.read() == b"abcdefghij"
    assert objects.read_range("files/a/full", 2, 3) == b"cde"
    assert objects.read_range("files/a/full", 8, 100) == b"ij"
    [listed] = objects.listing("files/")
    assert (listed.key, listed.size) == ("files/a/full", 10)
    objects.delete(["files/a/full", "files/b/full"])
    assert [*objects.listing("")] == []
    for read in (objects.open_object, lambda key: objects.read_range(key, 0, 1)):
        with pytest.raises(objects.ObjectMissing):
            read("files/a/full")
