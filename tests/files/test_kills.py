"""A server, a worker or the storage that is killed at a step of an upload: the upload goes on where
it was, and nothing is left at the storage."""

import pytest
from django.db import OperationalError

from apps.files.actions import blobs, deletion, processing, uploads
from apps.files.gateways import objects
from apps.files.models import Blob, File, StoredObject
from apps.wire.limits import MIN_CHUNK_BYTES
from tests.files.samples import encoded, photo
from tests.support.people import signed_in
from tests.support.storages import stored
from tests.support.uploads import API, begin, send

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = "2026-01-01T00:00:00Z"
PHOTO = encoded(photo(320, 240), "PNG")


class Killed(BaseException):
    """The process ends here."""


def begun(client):
    """An upload whose first part has arrived."""
    file = begin(client, "photo.png", len(PHOTO)).json()["id"]
    assert send(client, file, PHOTO[:MIN_CHUNK_BYTES]).status_code == 204
    return file


def go_on(client, file):
    """What an app and another worker do after the failure. Returns the state then."""
    # In place of waiting until the server takes the part, and the worker the file, for lost.
    File.objects.update(writing_until=None)
    File.objects.exclude(claimed_at=None).update(claimed_at=LONG_AGO)
    arrived = int(client.head(f"{API}/{file}/content")["Upload-Offset"])
    if arrived < len(PHOTO):
        answer = send(client, file, PHOTO[arrived:], start=arrived)
        if answer.status_code == 503:
            return "unavailable"
        assert answer.status_code == 204
    processing.process_due()
    return client.get(f"{API}/{file}").json()["state"]


def check_nothing_dangles():
    """The storage has what the database names, once the killed process counts as such."""
    StoredObject.objects.exclude(doomed_at=None).update(doomed_at=LONG_AGO)
    deletion.delete_unused()
    blob = Blob.objects.get()
    keys = {blob.key(each["name"]) for each in blob.content["variants"]}
    assert stored() == keys == set(StoredObject.objects.values_list("key", flat=True))


def die_after(patch, module, step):
    """Let the process die at the end of this call."""
    real = getattr(module, step)

    def die(*arguments):
        real(*arguments)
        raise Killed

    patch.setattr(module, step, die)


@pytest.mark.parametrize(
    ("module", "step"),
    [(uploads, "_begin_chunk"), (objects, "put"), (uploads, "finish_chunk")],
    ids=["register", "store", "finish"],
)
def test_a_server_that_dies(alice, storage, monkeypatch, module, step):
    client = signed_in(alice)
    file = begun(client)
    with monkeypatch.context() as patch:
        die_after(patch, module, step)
        with pytest.raises(Killed):
            send(client, file, PHOTO[MIN_CHUNK_BYTES:], start=MIN_CHUNK_BYTES)
    assert go_on(client, file) == "ready"
    check_nothing_dangles()


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (objects, "open_object"),
        (processing, "content_of"),
        (objects, "put"),
        (processing, "_finish"),
    ],
    ids=["read", "convert", "store", "finish"],
)
def test_a_worker_that_dies(alice, storage, monkeypatch, module, step):
    client = signed_in(alice)
    file = begun(client)
    assert send(client, file, PHOTO[MIN_CHUNK_BYTES:], start=MIN_CHUNK_BYTES).status_code == 204
    with monkeypatch.context() as patch:
        die_after(patch, module, step)
        with pytest.raises(Killed):
            processing.process_due()
    assert go_on(client, file) == "ready"
    check_nothing_dangles()


@pytest.mark.parametrize("module", [uploads, processing], ids=["part", "file"])
def test_a_commit_whose_response_is_lost_keeps_the_objects(
    alice, files_storage, monkeypatch, module
):
    client = signed_in(alice)
    file = begun(client)
    name = "finish_chunk" if module is uploads else "_finish"
    real = getattr(module, name)

    def lose(*arguments):
        real(*arguments)
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, lose)
        send(client, file, PHOTO[MIN_CHUNK_BYTES:], start=MIN_CHUNK_BYTES)
        processing.process_due()
    deletion.delete_unused()
    assert go_on(client, file) == "ready"
    check_nothing_dangles()


@pytest.mark.parametrize(
    ("when", "step"),
    [
        *[("before", step) for step in ("put", "open_object", "store", "delete")],
        *[("after", step) for step in ("put", "delete")],
    ],
)
def test_a_storage_that_is_killed(alice, bucket, seaweedfs, monkeypatch, step, when):
    client = signed_in(alice)
    file = begun(client)
    module = blobs if step == "store" else objects
    real, killed = getattr(module, step), []

    def kill(*arguments):
        if not killed and when == "before":
            killed.append(seaweedfs.kill())
        result = real(*arguments)
        if not killed:
            killed.append(seaweedfs.kill())
        return result

    monkeypatch.setattr(module, step, kill)
    states = {go_on(client, file) for _ in range(2)}
    deletion.delete_unused()
    assert killed
    seaweedfs.go_on()
    assert go_on(client, file) == "ready", states
    check_nothing_dangles()
