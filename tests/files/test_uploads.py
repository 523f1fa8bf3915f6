"""Uploads over the API: parts, limits, repeats, and what is left at the storage."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.core.errors import StorageUnavailable
from apps.core.identifiers import new_id
from apps.files.actions import deletion, processing
from apps.files.gateways import objects
from apps.files.models import Blob, Chunk, File, StoredObject
from apps.wire.limits import MAX_CHUNK_BYTES, MIN_CHUNK_BYTES
from tests.support.people import signed_in
from tests.support.storages import stored
from tests.support.threads import meanwhile
from tests.support.uploads import API, begin, ready, send, uploaded

# Each test runs on a folder and on SeaweedFS.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage")]
WORDS = bytes(range(256)) * 1000


def registered():
    return set(StoredObject.objects.filter(doomed_at=None).values_list("key", flat=True))


def state(client, file):
    return client.get(f"{API}/{file}").json()


def test_a_file_arrives_in_parts(alice):
    client = signed_in(alice)
    begun = begin(client, "words.bin", len(WORDS))
    assert begun.status_code == 201
    file = begun.json()["id"]
    assert begun.json()["state"] == "uploading"
    half = 128_000
    assert send(client, file, WORDS[:half]).headers["Upload-Offset"] == str(half)
    where = client.head(f"{API}/{file}/content")
    assert (where["Upload-Offset"], where["Upload-Length"]) == (str(half), str(len(WORDS)))
    assert send(client, file, WORDS[half:], start=half).status_code == 204
    assert state(client, file)["state"] == "processing"
    processing.process_due()
    made = state(client, file)
    assert made["state"] == "ready"
    assert made["file"]["size"] == len(WORDS)
    [variant] = made["file"]["variants"]
    with objects.open_object(Blob.objects.get().key(variant["name"])) as kept:
        assert kept.read() == WORDS
    deletion.delete_unused()
    assert stored() == registered() == {Blob.objects.get().key("original")}
    assert not Chunk.objects.exists()


def test_parts_out_of_order_are_refused_and_change_nothing(alice):
    client = signed_in(alice)
    file = begin(client, "words.bin", len(WORDS)).json()["id"]
    assert send(client, file, WORDS[:128_000], start=64).status_code == 409
    assert send(client, file, WORDS[:128_000]).status_code == 204
    again = send(client, file, WORDS[:128_000])
    assert again.status_code == 409
    assert again.json()["code"] == "conflict"
    assert state(client, file)["received"] == 128_000
    assert stored() == registered()


@pytest.mark.parametrize(
    ("start", "content"),
    [
        pytest.param(0, b"x" * (MIN_CHUNK_BYTES - 1), id="too small"),
        pytest.param(0, b"x" * (200_001), id="longer than the file"),
    ],
)
def test_parts_of_a_wrong_size_are_refused(start, content, alice):
    client = signed_in(alice)
    file = begin(client, "words.bin", 200_000).json()["id"]
    assert send(client, file, content, start=start).status_code == 400
    assert state(client, file)["received"] == 0


def test_a_part_that_comes_too_late_leaves_nothing(alice, monkeypatch):
    client = signed_in(alice)
    file = begin(client, "words.bin", len(WORDS)).json()["id"]
    real = objects.put

    def cancelled_meanwhile(key, content):
        real(key, content)
        assert send(client, file, WORDS[:128_000]).status_code == 409
        client.delete(f"{API}/{file}")

    with monkeypatch.context() as patch:
        patch.setattr(objects, "put", cancelled_meanwhile)
        assert send(client, file, WORDS[:128_000]).status_code == 404
    deletion.delete_unused()
    assert stored() == set()
    assert not StoredObject.objects.exists()


def test_an_outage_of_the_storage_is_said_and_the_part_can_be_sent_again(alice, monkeypatch):
    client = signed_in(alice)
    file = begin(client, "words.txt", 5).json()["id"]

    def away(*_):
        raise StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(objects, "put", away)
        answer = send(client, file, b"words")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert send(client, file, b"words").status_code == 204


def test_no_connection_to_the_database_is_kept_while_a_part_is_stored(alice, monkeypatch):
    client = signed_in(alice)
    file = begin(client, "words.txt", 5).json()["id"]
    real, connected = objects.put, []

    def look(key, content):
        connected.append(connection.connection is not None)
        real(key, content)

    monkeypatch.setattr(objects, "put", look)
    assert send(client, file, b"words").status_code == 204
    assert connected == [False]


def test_an_upload_can_begin_again_while_the_cancelled_one_is_being_deleted(alice):
    client = signed_in(alice)
    names_it = {"client_id": str(new_id())}
    file = begin(client, "a.txt", 5, **names_it).json()["id"]
    client.delete(f"{API}/{file}")
    begun = meanwhile(
        lambda: File.objects.filter(id=file).delete(),
        lambda: begin(client, "a.txt", 5, **names_it),
    )
    assert begun.status_code == 201
    assert send(client, begun.json()["id"], b"words").status_code == 204


def test_an_object_whose_deletion_has_begun_becomes_no_part(alice, monkeypatch):
    client = signed_in(alice)
    file = begin(client, "words.txt", 5).json()["id"]
    real_put, real_delete = objects.put, objects.delete

    def deleted_without_an_answer(keys):
        real_delete(keys)
        raise StorageUnavailable

    def stands_still(key, content):
        real_put(key, content)
        StoredObject.objects.filter(key=key).update(doomed_at=timezone.now())
        deletion.delete_unused()

    with monkeypatch.context() as patch:
        patch.setattr(objects, "delete", deleted_without_an_answer)
        patch.setattr(objects, "put", stands_still)
        assert send(client, file, b"words").status_code == 409
    assert send(client, file, b"words").status_code == 204
    processing.process_due()
    assert state(client, file)["state"] == "ready"


def test_a_cancelled_upload_can_begin_again_under_its_client_id(alice):
    client = signed_in(alice)
    body = {"client_id": str(new_id()), "name": "a.txt", "size": 5}
    first = client.post(API, body, content_type="application/json").json()["id"]
    client.delete(f"{API}/{first}")
    second = client.post(API, body, content_type="application/json").json()["id"]
    assert second != first
    assert send(client, second, b"words").status_code == 204


def test_an_object_that_cannot_be_deleted_does_not_keep_the_others(alice, monkeypatch):
    files = [ready(alice, bytes([n]) * 10, f"{n}.bin") for n in range(3)]
    deletion.delete_unused()
    stuck = File.objects.get(id=files[0]).blob.key("original")
    real = objects.delete

    def sometimes(keys):
        if stuck in keys:
            raise StorageUnavailable
        real(keys)

    monkeypatch.setattr(objects, "delete", sometimes)
    for file in files:
        client = signed_in(alice)
        client.delete(f"{API}/{file}")
    deletion.delete_unused()
    assert set(StoredObject.objects.values_list("key", flat=True)) == {stuck}


def test_a_part_larger_than_the_limit_is_refused(alice, settings):
    client = signed_in(alice)
    file = begin(client, "words.bin", MAX_CHUNK_BYTES * 2).json()["id"]
    assert send(client, file, b"x" * (MAX_CHUNK_BYTES + 1)).status_code == 400


def test_another_body_than_bytes_is_refused(alice):
    client = signed_in(alice)
    file = begin(client, "words.bin", 10).json()["id"]
    answer = client.patch(f"{API}/{file}/content", b"0123456789", content_type="text/plain")
    assert answer.status_code == 415
    answer = client.patch(
        f"{API}/{file}/content", b"0123456789", content_type="application/offset+octet-stream"
    )
    assert answer.status_code == 400


def test_a_repeated_request_finds_the_first_upload(alice, bob):
    client = signed_in(alice)
    body = {"client_id": str(new_id()), "name": "a.txt", "size": 5}
    first, second = (client.post(API, body, content_type="application/json") for _ in range(2))
    assert first.json() == second.json()
    other = signed_in(bob).post(API, body, content_type="application/json")
    assert other.json()["id"] != first.json()["id"]


def test_nobody_else_sees_or_changes_an_upload(alice, charlie):
    file = begin(signed_in(alice), "a.txt", 5).json()["id"]
    outsider = signed_in(charlie)
    answers = [
        outsider.get(f"{API}/{file}"),
        outsider.delete(f"{API}/{file}"),
        outsider.head(f"{API}/{file}/content"),
        send(outsider, file, b"words"),
        outsider.get(f"{API}/{file}/content/original"),
        outsider.get(f"{API}/{new_id()}/content/original"),
    ]
    assert [each.status_code for each in answers] == [404] * len(answers)
    assert state(signed_in(alice), file)["received"] == 0
    assert outsider.get(API).json()["items"] == []


def test_sizes_are_limited(alice, settings):
    settings.MAX_FILE_MB = 1
    settings.FILES_QUOTA_MB = 2
    client = signed_in(alice)
    assert begin(client, "a", 0).status_code == 400
    large = begin(client, "a", 1_000_001)
    assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
    assert [begin(client, "a", 1_000_000).status_code for _ in range(2)] == [201, 201]
    full = begin(client, "a", 1)
    assert (full.status_code, full.json()["code"]) == (409, "storage_full")
    assert client.get(f"{API}/storage").json() == {
        "used": 2_000_000,
        "quota": 2_000_000,
        "file_bytes": 1_000_000,
    }
    first = client.get(API).json()["items"][0]["id"]
    assert client.delete(f"{API}/{first}").status_code == 204
    assert begin(client, "a", 1_000_000).status_code == 201


def test_equal_contents_of_one_person_are_stored_once(alice, bob):
    one, two = ready(alice, WORDS, "one"), ready(alice, WORDS, "two")
    other = ready(bob, WORDS, "one")
    blobs = dict(File.objects.values_list("id", "blob_id"))
    assert blobs[one] == blobs[two] != blobs[other]
    deletion.delete_unused()
    assert len(stored()) == 2
    signed_in(alice).delete(f"{API}/{one}")
    deletion.delete_unused()
    assert len(stored()) == 2
    signed_in(alice).delete(f"{API}/{two}")
    deletion.delete_unused()
    assert stored() == registered() == {Blob.objects.get(owner_id=bob.id).key("original")}


def test_an_unused_file_is_deleted_after_a_day(alice):
    file = ready(alice)
    begun = begin(signed_in(alice), "never sent", 100_000).json()["id"]
    send(signed_in(alice), begun, b"x" * 70_000)
    deletion.delete_unused()
    assert File.objects.count() == 2
    File.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed_in(alice).get(f"{API}/{file}").status_code == 404
    deletion.delete_unused()
    assert not File.objects.exists()
    assert not Blob.objects.exists()
    assert not StoredObject.objects.exists()
    assert stored() == set()


def test_a_chunk_that_is_lost_fails_the_upload(alice):
    file = uploaded(alice)
    objects.delete([Chunk.objects.get().key])
    processing.process_due()
    assert state(signed_in(alice), file)["state"] == "failed"


def test_a_closed_account_uploads_nothing(alice):
    client = signed_in(alice)
    file = begin(client, "a.txt", 5).json()["id"]
    accounts.deactivate(alice.id)
    assert begin(client, "b.txt", 5).status_code == 401
    assert send(client, file, b"words").status_code == 401


def test_a_name_is_harmless_wherever_it_is_shown(alice):
    shown = begin(signed_in(alice), "../a\x00\r\n\u202egnp.exe", 10).json()["name"]
    assert shown == "_agnp.exe"
