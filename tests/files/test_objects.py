"""Objects at the storage: a folder, and a bucket of SeaweedFS."""

import logging
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.core.errors import StorageUnavailable
from apps.core.storage import bucket as s3
from apps.core.storage import folder as folders
from apps.core.storage import object_storage, outages
from apps.files.gateways import objects
from tests.support.storages import in_folder, store_in

KEY = "files/a/full"


def keys(prefix=""):
    return sorted(each.key for each in objects.listing(prefix))


def content(key=KEY):
    with objects.open_object(key) as file:
        return file.read()


def test_an_object_is_stored_replaced_and_deleted(storage):
    objects.put(KEY, BytesIO(b"first"))
    file = BytesIO(b"second")
    file.read()
    objects.put(KEY, file)
    assert content() == b"second"
    objects.delete([KEY])
    assert keys() == []
    objects.delete([KEY, "files/never/was"])


def test_what_is_missing_is_told_from_an_outage(storage):
    objects.put("files/b/full", BytesIO(b"x"))
    for key in (KEY, "files/b", "nowhere", "files/b/full/x"):
        with pytest.raises(objects.ObjectMissing):
            objects.open_object(key)
        with pytest.raises(objects.ObjectMissing):
            objects.read_range(key, 0, 1)


def test_a_range_ends_with_the_object(storage):
    objects.put(KEY, BytesIO(b"0123456789"))
    assert objects.read_range(KEY, 2, 3) == b"234"
    assert objects.read_range(KEY, 8, 100) == b"89"
    assert objects.read_range(KEY, 10, 1) == objects.read_range(KEY, 3, 0) == b""
    objects.put(KEY, BytesIO(b""))
    assert objects.read_range(KEY, 0, 5) == content() == b""


def test_an_open_object_can_be_sought_in(storage):
    objects.put(KEY, BytesIO(b"0123456789"))
    with objects.open_object(KEY) as file:
        file.seek(5)
        assert file.read(2) == b"56"
        assert file.seek(0, os.SEEK_END) == 10


def test_a_listing_has_all_of_a_prefix_and_no_more(storage, monkeypatch):
    for key in ("files/b/1", "files/b/2", "files/c/1", "exports/1", "filesystem/1"):
        objects.put(key, BytesIO(b"abc"))
    assert keys("files/") == ["files/b/1", "files/b/2", "files/c/1"]
    assert keys("files/b") == ["files/b/1", "files/b/2"]
    assert keys("nothing/") == []
    [found] = objects.listing("exports/")
    assert found.size == 3
    assert abs(timezone.now() - found.changed_at) < timedelta(minutes=1)


def test_many_are_listed_and_deleted_in_pages(storage, monkeypatch):
    monkeypatch.setattr(s3, "MAX_DELETED_AT_ONCE", 4)
    for number in range(10):
        objects.put(f"files/{number}/full", BytesIO(b"x"))
    assert len(keys()) == 10
    objects.delete(f"files/{number}/full" for number in range(9))
    assert keys() == ["files/9/full"]


def test_a_large_object_arrives_whole(storage):
    data = os.urandom(20 * 1024 * 1024)  # more than one part of an upload
    objects.put(KEY, BytesIO(data))
    assert content() == data


def test_djangos_own_storage_is_the_same_one(storage):
    objects.put(KEY, BytesIO(b"here"))
    with default_storage.open(KEY) as file:
        assert file.read() == b"here"
    assert default_storage.save(KEY, default_storage.open(KEY)) == KEY
    assert default_storage.size(KEY) == 4
    default_storage.delete(KEY)
    assert keys() == []


# -- the folder ------------------------------------------------------------------------------------

SLOW_PUT = """
import io, sys, time
import django
django.setup()
from apps.files.gateways import objects

class Slow(io.BytesIO):
    def read(self, size=-1):
        data = super().read(min(size, 65536))
        if not data:
            print("written", flush=True)
            time.sleep(60)
        return data

objects.put("files/a/full", Slow(b"half" * 500_000))
"""


def test_a_killed_process_leaves_the_former_object(folder):
    for former in (None, b"former"):
        if former:
            objects.put(KEY, BytesIO(former))
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW_PUT],
            env=os.environ | in_folder(folder),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        if former:
            assert (keys(), content()) == ([KEY], former)
        else:
            assert keys() == []
            with pytest.raises(objects.ObjectMissing):
                objects.open_object(KEY)
    left = [each for each in (folder / "files/a").iterdir() if each.name != "full"]
    assert len(left) == 2
    # What it wrote is found a day later, and so is deleted.
    for each in left:
        long_ago = time.time() - folders.PART_TTL_S - 1
        os.utime(each, (long_ago, long_ago))
    assert len(keys()) == 3


def test_a_file_that_breaks_off_leaves_nothing(storage, tmp_path):
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        objects.put(KEY, Broken(b"x"))
    assert keys() == []
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_files_are_private_and_empty_folders_go(folder):
    objects.put(KEY, BytesIO(b"x"))
    path = folder / KEY
    assert path.stat().st_mode & 0o777 == 0o600
    assert {each.stat().st_mode & 0o777 for each in list(path.parents)[:3]} == {0o700}
    objects.put("files/b/full", BytesIO(b"x"))
    objects.delete([KEY])
    assert [each.name for each in (folder / "files").iterdir()] == ["b"]
    objects.delete(["files/b/full"])
    assert list(folder.iterdir()) == []


def test_no_key_leads_out_of_the_folder(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    for key in ("../secret", "files/../../secret", str(tmp_path / "secret")):
        with pytest.raises(Exception, match="outside of the base path"):
            objects.put(key, BytesIO(b"x"))
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_full_disk_is_an_outage(folder, monkeypatch, caplog):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                objects.put(KEY, BytesIO(b"x"))
    assert keys() == []
    objects.put(KEY, BytesIO(b"x"))
    lines = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(lines) == 2
    assert "No space left" in lines[0]
    assert "available again" in lines[1]


# -- the bucket ------------------------------------------------------------------------------------


def uses():
    """Every way to use the storage."""
    return {
        "put": lambda: objects.put(KEY, BytesIO(b"x")),
        "open": lambda: objects.open_object(KEY),
        "range": lambda: objects.read_range(KEY, 0, 1),
        "delete": lambda: objects.delete([KEY]),
        "listing": lambda: [*objects.listing("")],
        "check": object_storage().check,
    }


def outage_lines(caplog):
    found = [each for each in caplog.records if each.name == outages.logger.name]
    return [each.getMessage().split(": ")[0] for each in found]


def test_an_outage_is_an_error_of_its_own_and_is_logged_once(bucket, seaweedfs, caplog):
    objects.put(KEY, BytesIO(b"before"))
    seaweedfs.kill()
    for use in uses().values():
        with pytest.raises(StorageUnavailable) as refused:
            use()
        assert (refused.value.status, refused.value.code) == (503, "storage_unavailable")
        assert refused.value.retry_after_s > 0
    assert outage_lines(caplog) == ["The file storage is unavailable"]
    # It connects again by itself.
    seaweedfs.go_on()
    assert content() == b"before"
    assert outage_lines(caplog)[1:] == [outage_lines(caplog)[-1]]
    assert "available again" in outage_lines(caplog)[-1]


@pytest.mark.parametrize("name", [*uses()])
def test_a_server_that_hangs_is_given_up(bucket, seaweedfs, monkeypatch, settings, tmp_path, name):
    monkeypatch.setattr(s3, "READ_TIMEOUT_S", 0.2)
    store_in(settings, tmp_path, **bucket)  # a client with this limit
    seaweedfs.hang()
    with pytest.raises(StorageUnavailable):
        uses()[name]()


def test_limits_of_each_wait(bucket):
    """The limits that a hanging server is given up by, in seconds."""
    config = object_storage().client_config  # type: ignore[attr-defined]
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.retries == {"total_max_attempts": 2, "mode": "standard"}


def test_a_bucket_that_does_not_exist_is_an_outage(bucket, settings, tmp_path):
    """Else each object would count as missing, and `storage_check` would mend that."""
    store_in(settings, tmp_path, **bucket | {"S3_BUCKET": "another"})
    for name in ("open", "range", "listing", "check", "put"):
        with pytest.raises(StorageUnavailable):
            uses()[name]()


def test_a_wrong_key_is_an_outage(bucket, settings, tmp_path):
    store_in(settings, tmp_path, **bucket | {"S3_SECRET_ACCESS_KEY": "wrong"})
    for use in uses().values():
        with pytest.raises(StorageUnavailable):
            use()


def test_nobody_reads_an_object_without_a_key(bucket):
    objects.put(KEY, BytesIO(b"secret"))
    address = f"{bucket['S3_ENDPOINT_URL']}/{bucket['S3_BUCKET']}"
    for path in (KEY, "", "?list-type=2"):
        answer = httpx.get(f"{address}/{path}", trust_env=False)
        assert answer.status_code == 403
        assert "secret" not in answer.text


def test_objects_survive_the_death_of_the_server(bucket, seaweedfs):
    objects.put(KEY, BytesIO(b"kept"))
    seaweedfs.kill()
    seaweedfs.go_on()
    assert (keys(), content()) == ([KEY], b"kept")
