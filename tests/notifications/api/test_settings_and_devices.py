"""Preferences, devices, records and dry runs over HTTP."""

import pytest
from django.utils import timezone

from apps.accounts.models import Stream
from apps.chats.actions.receipts import Receipt, move_positions
from apps.core.identifiers import new_id
from apps.notifications.models import Push, Subscription
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import signed_in
from tests.support.reading import missed_by

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = "/api/v1/notifications/settings"
DEVICES = "/api/v1/push/devices"


def send(client, method, path, body=None):
    call = getattr(client, method)
    return (
        call(path, data=body, content_type="application/json") if body is not None else call(path)
    )


def subscription(browser, **fields):
    return {"endpoint": browser.endpoint, "keys": browser.keys, "name": "Firefox"} | fields


def test_preferences_are_saved_and_published_to_other_devices(bob, captured_events, settings):
    client = signed_in(bob)
    assert client.get(SETTINGS).json() == {
        "level": "all",
        "keywords": [],
        "break_through": False,
        "delay": settings.PUSH_AFTER,
        "content": True,
        "push_key": "",
    }
    with captured_events() as events:
        response = send(
            client, "patch", SETTINGS, {"level": "mentions", "keywords": [" deploy ", "DEPLOY"]}
        )
    assert response.status_code == 200
    assert (response.json()["level"], response.json()["keywords"]) == ("mentions", ["deploy"])
    assert client.get(SETTINGS).json() == response.json()
    [item] = events
    assert (item.stream, item.to, item.rev) == ("person", bob.id, item.follows + 1)
    assert item.event.settings.level == "mentions"
    [missed], end = missed_by(bob.id, item.rev - 1)
    assert end is None
    assert missed.event.settings == item.event.settings
    with captured_events() as events:
        send(client, "patch", SETTINGS, {"level": "mentions"})
    assert events == []
    assert Stream.objects.get(user=bob).rev == item.rev


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"level": "some"}, "#/level"),
        ({"delay": -1}, "#/delay"),
        ({"delay": 3601}, "#/delay"),
        ({"keywords": ["a", " "]}, "#/keywords/1"),
        ({"keywords": ["x" * 61]}, "#/keywords/0"),
        ({"keywords": ["a\nb"]}, "#/keywords/0"),
        ({"keywords": ["x"] * 51}, "#/keywords"),
        ({"unknown": 1}, "#/unknown"),
    ],
)
def test_invalid_preferences_change_nothing(bob, body, pointer):
    client = signed_in(bob)
    before = client.get(SETTINGS).json()
    response = send(client, "patch", SETTINGS, body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert client.get(SETTINGS).json() == before


def test_a_device_is_registered_listed_and_removed(bob, service):
    client, other = signed_in(bob), signed_in(bob)
    browser = service.browser()
    response = send(client, "post", DEVICES, subscription(browser))
    assert response.status_code == 201
    made = response.json()
    assert (made["name"], made["current"], made["reached_at"]) == ("Firefox", True, None)
    assert browser.endpoint not in response.content.decode()
    assert send(client, "post", DEVICES, subscription(browser)).json()["id"] == made["id"]
    assert [one["current"] for one in other.get(DEVICES).json()["items"]] == [False]
    assert send(other, "delete", f"{DEVICES}/{made['id']}").status_code == 204
    assert client.get(DEVICES).json() == {"items": []}


def test_a_browser_with_a_new_endpoint_is_still_one_device(bob, service):
    client, other = signed_in(bob), signed_in(bob)
    send(other, "post", DEVICES, subscription(service.browser()))
    for browser in (service.browser(), service.browser()):
        send(client, "post", DEVICES, subscription(browser))
    assert [one["current"] for one in client.get(DEVICES).json()["items"]].count(True) == 1
    kept = set(Subscription.objects.values_list("endpoint", flat=True))
    assert len(kept) == 2
    assert browser.endpoint in kept


def test_signing_out_deletes_the_device(bob, service):
    client = signed_in(bob)
    send(client, "post", DEVICES, subscription(service.browser()))
    client.delete("/api/v1/session")
    assert not Subscription.objects.exists()


def test_another_persons_device_looks_like_an_unknown_one(bob, charlie, service, device):
    device(bob)
    theirs = Subscription.objects.get()
    client = signed_in(charlie)
    responses = [client.delete(f"{DEVICES}/{id_}") for id_ in (theirs.id, new_id())]
    assert [response.status_code for response in responses] == [404, 404]
    bodies = [response.json() | {"instance": ""} for response in responses]
    assert bodies[0] == bodies[1]
    assert client.get(DEVICES).json() == {"items": []}
    assert Subscription.objects.exists()


def test_without_a_vapid_key_registering_a_device_is_not_possible(bob, service, settings):
    settings.VAPID_PRIVATE_KEY = ""
    response = send(signed_in(bob), "post", DEVICES, subscription(service.browser()))
    assert (response.status_code, response.json()["code"]) == (409, "not_possible")


def test_muting_and_levels_of_a_chat_decide_who_is_notified(alice, bob, chat, device):
    device(bob)
    client = signed_in(bob)
    until = (timezone.now() + timezone.timedelta(hours=1)).isoformat()
    marks = send(client, "patch", f"/api/v1/chats/{chat}/marks", {"muted_until": until}).json()
    assert marks["muted_until"] is not None
    assert marks["muted"] is False
    write(alice, chat)
    again = send(client, "patch", f"/api/v1/chats/{chat}/marks", {"muted": False}).json()
    assert again["muted_until"] is None
    write(alice, chat)
    send(client, "patch", f"/api/v1/chats/{chat}/marks", {"notify": "mentions"})
    write(alice, chat)
    write(alice, chat, "hey @bob")
    assert states(bob) == [
        ("skipped", "muted", 1, 1),
        ("pending", "all", 2, 4),
        ("skipped", "not_mentioned", 3, 3),
    ]


def notified(client, chat, seq):
    return client.get(f"/api/v1/chats/{chat}/messages/{seq}/notified")


def test_the_record_says_why_a_message_was_pushed_or_not(alice, bob, chat, device, settings):
    client = signed_in(bob)
    write(alice, chat)  # no device yet
    phone = device(bob)
    write(alice, chat)  # read in time
    move_positions(bob.id, [Receipt(chat, read=2)])
    write(alice, chat)
    make_due()
    deliver()  # sent
    send(client, "patch", f"/api/v1/chats/{chat}/marks", {"notify": "mentions"})
    write(alice, chat)  # not mentioned
    write(alice, chat)  # not mentioned
    write(alice, chat, "@bob look")
    write(alice, chat)  # not mentioned, while the mention waits
    write(alice, chat, "@bob again")
    records = [notified(client, chat, seq).json() for seq in range(1, 9)]
    assert [(one["outcome"], one["reason"]) for one in records] == [
        ("none", "no_device"),
        ("cancelled", "all"),
        ("sent", "all"),
        ("skipped", "not_mentioned"),
        ("skipped", "not_mentioned"),
        ("pending", "mention"),
        ("skipped", "not_mentioned"),
        ("pending", "mention"),
    ]
    [sent] = records[2]["devices"]
    assert (sent["name"], sent["host"], sent["state"], sent["status"], sent["attempts"]) == (
        "Firefox",
        "127.0.0.1",
        "sent",
        201,
        1,
    )
    assert len(phone.payloads) == 1


def test_a_long_skipped_run_is_one_row(alice, bob, chat, device):
    device(bob)
    send(signed_in(bob), "patch", f"/api/v1/chats/{chat}/marks", {"muted": True})
    for _ in range(20):
        write(alice, chat)
    assert states(bob) == [("skipped", "muted", 1, 20)]


def test_outsiders_cannot_read_the_record(alice, bob, charlie, chat, device):
    device(bob)
    write(alice, chat)
    assert notified(signed_in(bob), chat, 1).status_code == 200
    responses = [notified(signed_in(charlie), place, 1) for place in (chat, new_id())]
    assert [response.status_code for response in responses] == [404, 404]
    assert notified(signed_in(bob), chat, 2).status_code == 404


def test_a_dry_run_changes_nothing_and_lists_the_differences(alice, bob, charlie, chat):
    client = signed_in(bob)
    write(alice, chat, "lunch?")
    write(alice, chat, "@bob lunch?")
    write(bob, chat, "yes")
    path = "/api/v1/notifications/rehearsal"
    tried = send(client, "post", path, {"level": "mentions"}).json()
    assert (tried["looked_at"], tried["now"], tried["then"]) == (2, 2, 1)
    [differs] = tried["items"]
    assert (differs["seq"], differs["now"], differs["then"]) == (1, "all", "not_mentioned")
    more = send(client, "post", path, {"chat": str(chat), "muted": True}).json()
    assert (more["now"], more["then"]) == (2, 0)
    assert client.get(SETTINGS).json()["level"] == "all"
    assert not Push.objects.exists()
    refused = send(signed_in(charlie), "post", path, {"chat": str(chat), "muted": True})
    assert refused.status_code == 404


@pytest.mark.parametrize("word", ["x" * 61, " ", "two\nlines"])
def test_a_dry_run_limits_keywords_like_saved_ones(bob, word):
    client = signed_in(bob)
    path = "/api/v1/notifications/rehearsal"
    kept = send(client, "patch", SETTINGS, {"keywords": ["fine", word]})
    tried = send(client, "post", path, {"keywords": ["fine", word]})
    assert (kept.status_code, tried.status_code) == (400, 400)
    assert tried.json() == kept.json()


def test_a_dry_run_cleans_keywords_like_saved_ones(alice, bob, chat):
    client = signed_in(bob)
    write(alice, chat, "the deploy")
    send(client, "patch", SETTINGS, {"level": "mentions"})
    path = "/api/v1/notifications/rehearsal"
    assert send(client, "post", path, {"keywords": [" Deploy ", "DEPLOY"]}).json()["then"] == 1
