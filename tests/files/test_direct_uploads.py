"""Parts that clients send straight to the bucket: forms that fix key, size and type."""

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from apps.files.actions import deletion, direct_parts, processing
from apps.files.gateways import objects
from apps.files.models import Blob, File, StoredObject
from tests.support.people import signed_in
from tests.support.storages import store_in
from tests.support.uploads import API, begin, send

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = bytes(range(256)) * 1000
HALF = 128_000
LESS = 100_000
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def direct(bucket, settings, tmp_path):
    """Browsers reach SeaweedFS, and upload there."""
    public = {"S3_PUBLIC_URL": bucket["S3_ENDPOINT_URL"], "S3_DIRECT_UPLOADS": True}
    store_in(settings, tmp_path, **bucket | public)


@pytest.fixture
def client(alice):
    return signed_in(alice)


@pytest.fixture
def file(direct, client):
    """The id of an upload that has not begun."""
    made = begin(client, "words.bin", len(WORDS)).json()
    assert made["direct"]
    return made["id"]


def ask(client, file, start, size):
    body = {"start": start, "size": size}
    return client.post(f"{API}/{file}/part", body, content_type="application/json")


def form_of(client, file, start, size):
    answer = ask(client, file, start, size)
    assert answer.status_code == 200, answer.content
    return answer.json()


def post(form, content, **changed):
    """The storage's response to a form, with other fields or another content perhaps."""
    return httpx.post(
        form["url"], data=form["fields"] | changed, files={"file": content}, trust_env=False
    )


def finish(client, file, start):
    return client.put(f"{API}/{file}/part", {"start": start}, content_type="application/json")


def store(client, file, start, content):
    """Send a part, whole."""
    assert post(form_of(client, file, start, len(content)), content).status_code in (200, 204)
    return finish(client, file, start)


def at_the_storage():
    return {each.key: each.size for each in objects.listing("")}


def test_a_file_arrives_in_parts_without_this_server(client, file):
    assert store(client, file, 0, WORDS[:HALF]).json()["received"] == HALF
    where = client.head(f"{API}/{file}/content")
    assert where["Upload-Offset"] == str(HALF)
    last = store(client, file, HALF, WORDS[HALF:]).json()
    assert (last["state"], last["direct"]) == ("processing", False)
    processing.process_due()
    with objects.open_object(Blob.objects.get().key("original")) as kept:
        assert kept.read() == WORDS


def test_both_ways_may_alternate(client, file):
    assert store(client, file, 0, WORDS[:HALF]).status_code == 200
    assert send(client, file, WORDS[HALF:], start=HALF).status_code == 204
    processing.process_due()
    assert File.objects.get().state == "ready"


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        pytest.param(WORDS[: HALF + 1], {}, id="too large"),
        pytest.param(WORDS[: HALF - 1], {}, id="too small"),
        pytest.param(WORDS[:HALF], {"key": "files/stolen/original"}, id="another key"),
        pytest.param(WORDS[:HALF], {"Content-Type": "text/html"}, id="another type"),
        pytest.param(WORDS[:HALF], {"x-amz-signature": "0" * 64}, id="another signature"),
    ],
)
def test_a_form_stores_nothing_else(client, file, content, changed):
    refused = post(form_of(client, file, 0, HALF), content, **changed)
    assert 400 <= refused.status_code < 500, refused.text
    assert at_the_storage() == {}
    answer = finish(client, file, 0)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert File.objects.get().received == 0


def test_a_form_expires(client, file, monkeypatch):
    monkeypatch.setattr(direct_parts, "FORM_TTL_S", -1)
    refused = post(form_of(client, file, 0, HALF), WORDS[:HALF])
    assert (refused.status_code, at_the_storage()) == (403, {})


def test_a_form_used_twice_adds_one_part_and_another_content_is_recognised(client, direct):
    """Nothing that a client says of the bytes counts, nor what it stored before."""
    file = begin(client, "words.txt", 100).json()["id"]
    form = form_of(client, file, 0, 100)
    for content in (b"a" * 100, b"b" * 100):
        assert post(form, content).status_code in (200, 204)
    answers = [finish(client, file, 0) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert post(form, (PNG + b"p" * 100)[:100]).status_code in (200, 204)
    processing.process_due()
    row = File.objects.get()
    assert (row.received, row.state, row.problem) == (100, "failed", "no_picture")


def test_a_part_that_was_begun_again_replaces_the_first(client, file):
    first = form_of(client, file, 0, HALF)
    again = form_of(client, file, 0, LESS)
    assert again["fields"]["key"] == first["fields"]["key"]
    assert post(first, WORDS[:HALF]).is_success
    assert finish(client, file, 0).status_code == 409
    assert post(again, WORDS[:LESS]).is_success
    assert finish(client, file, 0).json()["received"] == LESS
    assert StoredObject.objects.get().size == LESS


def test_what_was_begun_and_not_finished_is_deleted_once_no_form_can_write_it(client, file):
    form = form_of(client, file, 0, HALF)
    assert post(form, WORDS[:HALF]).is_success
    client.delete(f"{API}/{file}")
    deletion.delete_unused()
    assert not File.objects.exists()
    assert list(at_the_storage()) == [form["fields"]["key"]]
    past = timezone.now() - timedelta(seconds=1)
    StoredObject.objects.filter(doomed_at__lte=timezone.now()).update(writable_until=past)
    deletion.delete_unused()
    assert at_the_storage() == {}
    assert not StoredObject.objects.exists()


def test_an_old_part_gets_an_object_of_its_own(client, file):
    first = form_of(client, file, 0, HALF)
    StoredObject.objects.update(doomed_at=timezone.now() + timedelta(minutes=20))
    assert form_of(client, file, 0, HALF)["fields"]["key"] != first["fields"]["key"]


@pytest.mark.parametrize(
    ("start", "size", "status"),
    [(64, HALF, 409), (0, 1000, 400), (0, len(WORDS) + 1, 400), (-1, HALF, 400)],
)
def test_parts_are_as_those_that_this_server_takes(client, file, start, size, status):
    assert ask(client, file, start, size).status_code == status
    assert not StoredObject.objects.exists()


def test_a_part_that_this_server_is_storing_comes_first(client, file):
    File.objects.update(writing_until=timezone.now() + timedelta(seconds=30))
    assert ask(client, file, 0, HALF).status_code == 409


def test_only_the_owner_gets_a_form(bob, client, file):
    form_of(client, file, 0, HALF)
    other = signed_in(bob)
    assert [ask(other, file, 0, HALF).status_code, finish(other, file, 0).status_code] == [404] * 2


@pytest.mark.parametrize("public", [{}, {"S3_PUBLIC_URL": "http://127.0.0.1:1"}])
def test_without_the_setting_bytes_go_through_this_server(
    client, bucket, settings, tmp_path, public
):
    store_in(settings, tmp_path, **bucket | public)
    made = begin(client, "words.bin", len(WORDS)).json()
    assert made["direct"] is False
    answer = ask(client, made["id"], 0, HALF)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")


def test_a_folder_takes_no_direct_uploads(client, folder):
    made = begin(client, "words.bin", len(WORDS)).json()
    assert made["direct"] is False
    assert ask(client, made["id"], 0, HALF).json()["code"] == "not_possible"
