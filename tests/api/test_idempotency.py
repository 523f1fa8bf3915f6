"""Repeats with an `Idempotency-Key` change nothing and get the first response."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from apps.chats.actions import groups
from apps.chats.models import Chat, InviteLink
from apps.wire import idempotency, tasks
from apps.wire.models import IdempotencyKey
from tests.support.people import signed_in

GROUPS = "/api/v1/groups"


def post(client, path, body, key):
    return client.post(path, body, "application/json", headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_a_repeat_gets_the_first_response_and_creates_nothing(alice):
    client, key = signed_in(alice), str(uuid4())
    first = post(client, GROUPS, {"title": "Once"}, key)
    again = post(client, GROUPS, {"title": "Once"}, f'"{key}"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Chat.objects.filter(title="Once").count() == 1
    assert post(client, GROUPS, {"title": "Once"}, str(uuid4())).json() != first.json()


@pytest.mark.django_db
def test_another_request_with_the_same_key_is_422(alice, crew):
    client = signed_in(alice)
    assert post(client, GROUPS, {"title": "One"}, "key").status_code == 201
    for path, body in ((GROUPS, {"title": "Two"}), (f"/api/v1/chats/{crew}/links", {"hours": 1})):
        refused = post(client, path, body, "key")
        assert (refused.status_code, refused.json()["code"]) == (422, "key_reused")
    assert not Chat.objects.filter(title="Two").exists()
    assert not InviteLink.objects.exists()


@pytest.mark.django_db
def test_keys_of_two_people_are_apart(alice, bob):
    hers = post(signed_in(alice), GROUPS, {"title": "Same"}, "key").json()
    his = post(signed_in(bob), GROUPS, {"title": "Same"}, "key")
    assert his.status_code == 201
    assert his.json()["id"] != hers["id"]


@pytest.mark.django_db
def test_a_refused_request_is_not_remembered(alice, bob):
    client, body = signed_in(alice), {"title": "With Bob", "people": [str(bob.id)]}
    assert post(client, GROUPS, body, "key").status_code == 403
    from tests.support.people import in_touch

    in_touch(alice, bob)
    assert post(client, GROUPS, body, "key").status_code == 201


@pytest.mark.django_db
def test_neither_the_key_nor_the_secret_can_be_read_from_the_database(alice, crew):
    answer = post(signed_in(alice), f"/api/v1/chats/{crew}/links", {"hours": 1}, "my-own-key")
    secret = answer.json()["url"].rsplit("/", 1)[1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(response, 'escape'), encode(key_hash, 'escape'), k::text"
            " FROM wire_idempotencykey k"
        )
        [row] = cursor.fetchall()
    assert secret not in " ".join(row)
    assert "my-own-key" not in " ".join(row)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é", '"'])
def test_a_malformed_key_is_400(alice, key):
    assert post(signed_in(alice), GROUPS, {"title": "No"}, key).status_code == 400
    assert not Chat.objects.filter(title="No").exists()


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_day(alice):
    client = signed_in(alice)
    first = post(client, GROUPS, {"title": "Old"}, "key").json()
    old = timezone.now() - idempotency.LIFETIME - timedelta(seconds=1)
    IdempotencyKey.objects.update(created_at=old)
    post(client, GROUPS, {"title": "New"}, "another")
    tasks.clear_keys()
    assert IdempotencyKey.objects.count() == 1
    assert post(client, GROUPS, {"title": "Old"}, "key").json()["id"] != first["id"]


@pytest.mark.django_db(transaction=True)
def test_a_simultaneous_repeat_is_409(alice, monkeypatch):
    inside, go_on = Event(), Event()
    create = groups.create_group

    def slowly(*given, **more):
        inside.set()
        assert go_on.wait(30)
        return create(*given, **more)

    monkeypatch.setattr(groups, "create_group", slowly)
    client, other = signed_in(alice), signed_in(alice)

    def first():
        try:
            return post(client, GROUPS, {"title": "Once"}, "key")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(first)
        assert inside.wait(30)
        refused = post(other, GROUPS, {"title": "Once"}, "key")
        go_on.set()
        assert answer.result(30).status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "in_progress")
    again = post(other, GROUPS, {"title": "Once"}, "key")
    assert (again.status_code, again.content) == (201, answer.result().content)
    assert Chat.objects.filter(title="Once").count() == 1
