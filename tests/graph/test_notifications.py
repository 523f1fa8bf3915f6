"""Notifications of Graph, and of others who say they were Graph."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from apps.core.errors import RateLimited
from apps.core.limits import GRAPH_NOTIFICATIONS
from apps.graph.actions import notifications
from apps.graph.models import Link, Notification, SeenContent, Subscription
from apps.graph.views import notifications as views
from tests.graph.conftest import ALICE, BOB, poll, shared, status_of, subscribe
from tests.graph.stand_in import PUBLISHER, TENANT

URL = "/microsoft/notifications"


def body_of(ms, *items, tokens=None):
    found = {"value": list(items), "validationTokens": [ms.token()] if tokens is None else tokens}
    return json.dumps(found).encode()


def notify(ms, *items, tokens=None):
    """Graph, or somebody else, posts these; then a worker applies what was accepted."""
    post(body_of(ms, *items, tokens=tokens))
    notifications.apply_due()


def post(body):
    said = Client(enforce_csrf_checks=True).post(URL, body, content_type="application/json")
    assert (said.status_code, said.content) == (202, b"")


@pytest.fixture
def row(ms, alice):
    """Alice shares, and an account is subscribed to her."""
    shared(alice, ALICE)
    return subscribe()


def test_too_many_requests_of_one_address_wait(ms, monkeypatch):
    def refuse(limit, key):
        assert (limit, key) == (GRAPH_NOTIFICATIONS, "127.0.0.1")
        raise RateLimited(retry_after=7)

    monkeypatch.setattr(views, "check", refuse)
    said = Client().post(URL, b"{}", content_type="application/json")
    assert (said.status_code, said.headers["Retry-After"]) == (429, "7")


def test_a_change_is_shown_at_once(ms, alice, row):
    notify(ms, *ms.items((ALICE, "Busy", "InAMeeting")))
    assert status_of(alice) == ("In a meeting", "📅", True)
    assert not Notification.objects.exists()
    assert Link.objects.get().known_at is not None


def test_changes_are_applied_in_the_order_in_which_they_came(ms, alice, row):
    first, second = ms.items((ALICE, "Busy", "InACall"), (ALICE, "Busy", "InAMeeting"))
    post(body_of(ms, first))
    post(body_of(ms, second))
    notifications.apply_due()
    assert status_of(alice)[0] == "In a meeting"


def test_a_poll_mends_what_a_notification_said(ms, alice, row):
    notify(ms, *ms.items((ALICE, "Busy", "InAMeeting")))
    ms.presences[ALICE] = ("Available", "Available")
    poll()
    assert status_of(alice)[0] == ""


def test_tokens_of_the_newer_version_are_accepted(ms, alice, row):
    newer = {"iss": f"{ms.url}/{TENANT}/v2.0", "ver": "2.0", "azp": PUBLISHER, "appid": None}
    items = ms.items((ALICE, "Busy", "Busy"))
    notify(ms, *items, tokens=[ms.token(**newer, aud="somebody else")])
    assert status_of(alice)[0] == ""
    notify(ms, *items, tokens=[ms.token(**newer)])
    assert status_of(alice)[0] == "Busy"


WRONG_TOKENS = {
    "another audience": {"aud": "00000000-0000-0000-0000-000000000000"},
    "another issuer": {"iss": "https://sts.windows.net/11111111-6d4d-4958-8b9f-9d6445542f95/"},
    "another tenant": {"tid": "11111111-6d4d-4958-8b9f-9d6445542f95"},
    "another program": {"appid": "8e460676-ae3f-4b1e-8790-ee0fb5d6148f"},
    "no program": {"appid": None},
    "another version": {"ver": "3.0"},
    "expired": {"exp": 1_600_000_000},
    "without an end": {"exp": None},
    "too old": {"iat": 1_600_000_000},
}


def test_a_token_that_is_not_of_graph_and_for_us_is_refused(ms, alice, row):
    items = ms.items((ALICE, "Busy", "Busy"))
    for what, changed in WRONG_TOKENS.items():
        notify(ms, *items, tokens=[ms.token(), ms.token(**changed)])
        assert status_of(alice)[0] == "", what
        assert not Notification.objects.exists()
    notify(ms, *items)
    assert status_of(alice)[0] == "Busy"


def test_a_token_that_somebody_else_signed_is_refused(ms, alice, row):
    claims = jwt.decode(ms.token(), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    forged = [
        jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "key-1"}),
        jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "unknown"}),
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": "key-1"}),
        jwt.encode(claims, None, algorithm="none", headers={"kid": "key-1"}),
        "no token",
        "x" * 20_000,
    ]
    items = ms.items((ALICE, "Busy", "Busy"))
    for token in forged:
        notify(ms, *items, tokens=[token])
    notify(ms, *items, tokens=[])
    assert status_of(alice)[0] == ""


def test_a_wrong_client_state_is_dropped_before_anything_is_stored(ms, alice, row):
    [item] = ms.items((ALICE, "Busy", "Busy"))
    for changed in ({"clientState": "guessed"}, {"clientState": ""}, {"subscriptionId": "x"}):
        post(body_of(ms, item | changed))
    del item["clientState"]
    post(body_of(ms, item))
    assert not Notification.objects.exists()


def test_a_changed_content_is_refused_and_others_beside_it_are_applied(ms, alice, bob, row):
    shared(bob, BOB)
    Link.objects.update(subscription=row)
    bad, good = ms.items((ALICE, "Busy", "Busy"), (BOB, "Busy", "Busy"))
    data = bytearray(base64.b64decode(bad["encryptedContent"]["data"]))
    data[-20] ^= 1
    bad["encryptedContent"]["data"] = base64.b64encode(data).decode()
    notify(ms, bad, good)
    assert (status_of(alice)[0], status_of(bob)[0]) == ("", "Busy")


def test_a_content_with_anything_wrong_is_refused(ms, alice, row):
    [item] = ms.items((ALICE, "Busy", "Busy"))
    names = ("data", "dataKey", "dataSignature", "encryptionCertificateId")
    wrong = [
        item | {"encryptedContent": item["encryptedContent"] | {name: value}}
        for name in names
        for value in ("", "not base64 ü", "QUFBQQ==")
    ]
    notify(ms, *wrong)
    assert status_of(alice)[0] == ""
    notify(ms, item)
    assert status_of(alice)[0] == "Busy"


def test_a_replay_is_refused(ms, alice, row):
    busy, free = ms.items((ALICE, "Busy", "Busy"), (ALICE, "Available", "Available"))
    for item in (busy, free, busy):
        notify(ms, item)
    assert status_of(alice)[0] == ""
    assert SeenContent.objects.count() == 2


def test_somebody_who_does_not_share_is_not_told_of(ms, alice, bob, row):
    told = ms.items((BOB, "Busy", "Busy"))
    notify(ms, *told)
    assert status_of(bob)[0] == ""
    # Shares, but not by this subscription.
    shared(bob, BOB)
    notify(ms, *told)
    assert status_of(bob)[0] == ""


NO_NOTIFICATIONS = (
    *(b"", b"{}", b"[]", b"\xff", b'{"value": 1}', b'{"value": [{}]}', b"[" * 100_000),
    b'{"x":' + b"[" * 100_000,
    b'{"value": [{"subscriptionId": "\\u0000"}]}',
    b'{"value": [{"subscriptionId": "x", "encryptedContent": {}}]}',
)


def test_what_is_no_notification_is_taken_and_forgotten(ms):
    for body in NO_NOTIFICATIONS:
        post(body)
    assert not Notification.objects.exists()


def test_ten_thousand_items_are_not_looked_at(ms, row, django_assert_num_queries):
    [item] = ms.items((ALICE, "Busy", "Busy"))
    small = {name: item[name] for name in ("subscriptionId", "clientState")}
    body = body_of(ms, *[small] * 10_000)
    with django_assert_num_queries(0):
        notifications.accept(body)


def test_a_thousand_items_of_strangers_cost_one_query(ms, django_assert_num_queries):
    item = {"subscriptionId": "x", "clientState": "y"}
    with django_assert_num_queries(1):
        notifications.accept(body_of(ms, *[item] * 1_000))


def test_graph_asks_for_another_authorization(ms, row):
    post(body_of(ms, ms.lifecycle("reauthorizationRequired"), tokens=[]))
    assert Subscription.objects.get().renew_at <= timezone.now()


def test_graph_has_left_something_out(ms, row):
    poll()
    assert Link.objects.get().due_at > timezone.now()
    post(body_of(ms, ms.lifecycle("missed"), tokens=[]))
    assert Link.objects.get().due_at <= timezone.now()


def test_a_stranger_says_that_something_happened_to_the_subscription(ms, row):
    for event in ("reauthorizationRequired", "subscriptionRemoved", "missed"):
        post(body_of(ms, ms.lifecycle(event) | {"clientState": "guessed"}))
    assert Subscription.objects.get().due_at > timezone.now()


def test_while_the_keys_cannot_be_fetched_nothing_is_applied_or_lost(ms, alice, row, settings):
    post(body_of(ms, *ms.items((ALICE, "Busy", "Busy"))))
    settings.GRAPH_LOGIN_URL = "https://127.0.0.1:1"
    notifications.apply_due()
    assert status_of(alice)[0] == ""
    settings.GRAPH_LOGIN_URL = ms.url
    Notification.objects.update(claimed_at=None)
    notifications.apply_due()
    assert status_of(alice)[0] == "Busy"


def test_old_ones_are_deleted(ms, row):
    post(body_of(ms, *ms.items((ALICE, "Busy", "Busy"))))
    Notification.objects.update(received_at=timezone.now() - notifications.MAX_AGE)
    SeenContent.objects.create(digest="x", seen_at=timezone.now() - notifications.SEEN_TTL)
    notifications.tidy()
    assert not Notification.objects.exists()
    assert not SeenContent.objects.exists()


def test_the_address_returns_the_token_of_graph_as_plain_text(ms):
    client = Client(enforce_csrf_checks=True)
    said = client.post(URL, query_params={"validationToken": "<b>a&b</b> é"})
    assert said.content.decode() == "<b>a&b</b> é"
    assert said["Content-Type"] == "text/plain; charset=utf-8"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert client.post(URL, query_params={"validationToken": "x" * 5_000}).status_code == 400
    assert client.get(URL, query_params={"validationToken": "x"}).status_code == 405


def test_there_is_no_such_address_without_the_settings(db):
    assert Client().post(URL, query_params={"validationToken": "x"}).status_code == 404
