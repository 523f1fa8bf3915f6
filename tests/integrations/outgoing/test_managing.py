"""Outgoing webhooks over the API: who may manage them, and what is refused."""

from uuid import uuid4

import pytest

from apps.chats.actions import groups
from apps.core.errors import Forbidden, Full, Invalid, NotFound
from apps.integrations.actions import outgoing as actions
from apps.integrations.models import OutgoingWebhook
from apps.integrations.queries import outgoing as webhooks
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, send_due
from tests.support.people import direct_chat, signed_in

JSON = "application/json"
GOOD = {"url": "https://hooks.example.org/in", "events": ["message.created"]}


def path(crew, rest=""):
    return f"/api/v1/chats/{crew}/webhooks/outgoing{rest}"


def test_a_manager_makes_changes_and_deletes_one(alice, crew):
    client = signed_in(alice)
    made = client.post(path(crew), {**GOOD, "words": ["deploy"]}, content_type=JSON)
    assert made.status_code == 201
    webhook, secret = made.json()["webhook"], made.json()["secret"]
    assert secret.startswith("whsec_")
    assert (webhook["state"], webhook["name"]) == ("active", "hooks.example.org")
    assert webhook["owner"]["id"] == str(alice.id)
    one = path(crew, f"/{webhook['id']}")
    changed = {**GOOD, "name": "Deploys", "events": ["message.deleted", "member.joined"]}
    assert client.put(one, changed, content_type=JSON).status_code == 200
    listed = client.get(path(crew)).json()
    [item] = listed["items"]
    assert (item["name"], item["words"]) == ("Deploys", [])
    assert item["events"] == ["message.deleted", "member.joined"]
    assert "reactions.changed" in listed["events"]
    assert secret not in client.get(one).content.decode()
    assert client.put(f"{one}/pause").status_code == 204
    assert client.get(one).json()["state"] == "paused"
    assert client.put(f"{one}/resume", {}, content_type=JSON).status_code == 204
    assert client.post(f"{one}/secret").json()["secret"] not in (secret, "")
    assert client.get(one).json()["former_secret_until"] is not None
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_the_log_has_pages_and_bodies(alice, bob, crew, receiver):
    client, hook = signed_in(alice), a_hook(alice, crew, receiver.url)
    for number in range(3):
        write(bob, crew, str(number))
    send_due()
    one = path(crew, f"/{hook.id}")
    first = client.get(f"{one}/log", {"limit": 2}).json()
    assert [each["message"]["text"] for each in first["items"]] == ["2", "1"]
    rest = client.get(f"{one}/log", {"limit": 2, "cursor": first["next"]}).json()
    assert [each["message"]["text"] for each in rest["items"]] == ["0"]
    assert rest["next"] is None
    [entry] = rest["items"]
    assert client.get(f"{one}/log/{entry['id']}").json() == entry
    assert client.post(f"{one}/log/{entry['id']}").status_code == 202
    test = client.post(f"{one}/test").json()
    send_due()
    assert [each.type for each in receiver.received[3:]] == ["message.created", "ping"]
    assert receiver.received[-1].id == test["id"]
    assert client.post(f"{one}/log/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"url": "http://hooks.example.org/"}, "#/url"),
        ({"url": "https://hooks.example.org:8443/"}, "#/url"),
        ({"url": "https://me:secret@hooks.example.org/"}, "#/url"),
        ({"url": "ftp://hooks.example.org/"}, "#/url"),
        ({"url": "https://0x7f.1/"}, "#/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "#/url"),
        ({"url": f"https://hooks.example.org/{'ü' * 400}"}, "#/url"),
        ({"events": []}, "#/events"),
        ({"events": ["ping"]}, "#/events"),
        ({"words": [""]}, "#/words"),
        ({"name": "two\nlines"}, "#/name"),
    ],
)
def test_what_is_wrong_is_named(alice, crew, given, pointer):
    with pytest.raises(Invalid) as refused:
        actions.make(alice.id, crew, **{**GOOD, **given})
    assert refused.value.pointer == pointer
    assert not OutgoingWebhook.objects.exists()


def test_a_group_has_a_limited_number(alice, crew, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 1)
    actions.make(alice.id, crew, **GOOD)
    with pytest.raises(Full):
        actions.make(alice.id, crew, **GOOD)


def attempts(person, chat, hook):
    """All that can be done with a webhook."""
    delivery = hook.log[0].id
    return [
        lambda: actions.make(person.id, chat, **GOOD),
        lambda: actions.change(person.id, chat, hook.id, **GOOD),
        lambda: actions.pause(person.id, chat, hook.id),
        lambda: actions.resume(person.id, chat, hook.id, skip=False),
        lambda: actions.replace_secret(person.id, chat, hook.id),
        lambda: actions.delete(person.id, chat, hook.id),
        lambda: actions.test(person.id, chat, hook.id),
        lambda: actions.send_again(person.id, chat, hook.id, delivery),
        lambda: webhooks.of_chat(person.id, chat),
        lambda: webhooks.get(person.id, chat, hook.id),
        lambda: webhooks.log(person.id, chat, hook.id, before=None, limit=10),
        lambda: webhooks.entry(person.id, chat, hook.id, delivery),
    ]


@pytest.fixture
def hook(alice, bob, crew, receiver):
    made = a_hook(alice, crew, receiver.url)
    write(bob, crew)
    send_due()
    return made


def test_members_who_do_not_manage_the_group_reach_nothing(bob, crew, hook):
    for attempt in attempts(bob, crew, hook):
        with pytest.raises(Forbidden):
            attempt()
    assert OutgoingWebhook.objects.count() == 1


def test_an_outsider_reaches_nothing(charlie, crew, hook):
    for attempt in attempts(charlie, crew, hook):
        with pytest.raises(NotFound):
            attempt()


def test_a_webhook_is_reached_through_its_own_group_alone(alice, hook):
    mine = groups.create_group(alice.id, "Mine", [])
    for attempt in attempts(alice, mine, hook)[1:]:
        if "of_chat" not in attempt.__code__.co_names:
            with pytest.raises(NotFound):
                attempt()
    assert webhooks.of_chat(alice.id, mine) == []


def test_a_direct_chat_has_none(alice, charlie):
    chat = direct_chat(alice, charlie)
    with pytest.raises(Forbidden):
        actions.make(alice.id, chat, **GOOD)
