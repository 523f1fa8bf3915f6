"""Subscriptions at Graph, in the name of connected accounts."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.graph.actions import links, notifications, subscriptions
from apps.graph.gateways import graph
from apps.graph.models import Link, ServiceState, Subscription
from apps.graph.queries.health import health
from tests.graph.conftest import ALICE, BOB, keep, poll, shared, subscribe
from tests.graph.stand_in import ACCOUNT
from tests.support.people import with_mail


def made(ms):
    """How often Graph was asked to make one."""
    return ms.asked.count(("POST", "/v1.0/subscriptions"))


def test_an_account_covers_those_who_share(ms, alice, bob):
    shared(alice, ALICE)
    row = subscribe()
    assert ms.subscription["ids"] == [ALICE]
    assert row.graph_id == ms.subscription["id"]
    assert ms.subscription["notificationUrl"].endswith("/microsoft/notifications")
    # What changed while there was none is asked for at once; then the subscription tells.
    poll()
    assert Link.objects.get().due_at - timezone.now() > timedelta(minutes=4)
    keep()
    assert made(ms) == 1
    shared(bob, BOB)
    keep()
    assert sorted(ms.subscription["ids"]) == sorted([ALICE, BOB])
    links.disconnect(alice.id)
    keep()
    assert ms.subscription["ids"] == [BOB]
    links.disconnect(bob.id)
    keep()
    assert ms.subscriptions == {}
    assert health().subscriptions == 0


def test_no_secret_is_readable_in_the_database(ms, alice):
    shared(alice, ALICE)
    row = subscribe()
    stored = bytes(row.refresh_token) + bytes(row.key) + row.state_hash.encode()
    assert b"refresh" not in stored
    assert b"PRIVATE KEY" not in stored
    assert ms.subscription["clientState"].encode() not in stored


def test_it_is_renewed_before_the_hour_is_over(ms, alice):
    shared(alice, ALICE)
    row = subscribe()
    assert timedelta(minutes=20) < row.renew_at - timezone.now() < timedelta(minutes=60)
    Subscription.objects.update(renew_at=timezone.now())
    keep()
    assert ms.asked[-1] == ("PATCH", f"/v1.0/subscriptions/{row.graph_id}")
    assert Subscription.objects.get().renew_at > timezone.now()


@pytest.mark.parametrize("is_known", [True, False])
def test_one_that_graph_lost_is_made_again(ms, alice, is_known):
    shared(alice, ALICE)
    row = subscribe()
    lost = ms.subscription
    if is_known:
        body = {"value": [ms.lifecycle("subscriptionRemoved")]}
        notifications.accept(json.dumps(body).encode())
    else:
        Subscription.objects.update(renew_at=timezone.now())
    ms.subscriptions.clear()
    keep()
    assert ms.subscription["id"] != lost["id"]
    assert Subscription.objects.get().graph_id == ms.subscription["id"]
    assert Subscription.objects.get().state_hash != row.state_hash


def test_a_worker_that_dies_while_graph_makes_it_leaves_none_behind(ms, alice, monkeypatch):
    shared(alice, ALICE)

    class Killed(BaseException):
        pass

    def dies(*args, **parts):
        create(*args, **parts)
        raise Killed

    create = graph.create_subscription
    monkeypatch.setattr(graph, "create_subscription", dies)
    with pytest.raises(Killed):
        subscribe()
    orphan = ms.subscription["id"]
    monkeypatch.setattr(graph, "create_subscription", create)
    keep()
    assert ms.subscription["id"] == orphan, "the claim of the dead worker still holds"
    Subscription.objects.update(claimed_at=timezone.now() - subscriptions.LEASE)
    keep()
    assert ms.subscription["id"] != orphan
    assert Subscription.objects.get().graph_id == ms.subscription["id"]


def test_a_worker_whose_claim_ran_out_changes_nothing(ms, alice, monkeypatch):
    shared(alice, ALICE)
    subscriptions.connect_account(ACCOUNT, "refresh-1")

    def another_claims():
        Subscription.objects.update(attempt=F("attempt") + 1, claimed_at=timezone.now())

    monkeypatch.setattr(graph, "subscriptions_to", lambda *args: another_claims() or [])
    keep()
    row = Subscription.objects.get()
    assert (made(ms), row.state_hash, row.graph_id) == (0, "", "")
    assert row.claimed_at is not None


def test_an_account_covers_650_and_the_others_are_polled(ms):
    people = User.objects.bulk_create(
        User(username=f"p{n}", password="!", email=f"p{n}@example.org") for n in range(652)
    )
    Link.objects.bulk_create(
        Link(user=each, email=each.email, object_id=uuid4()) for each in people
    )
    row = subscribe()
    assert len(ms.subscription["ids"]) == 650
    assert Link.objects.filter(subscription=row).count() == 650
    poll()
    soon = timezone.now() + timedelta(minutes=2)
    assert Link.objects.filter(due_at__lt=soon, subscription=None).count() == 2
    assert Link.objects.filter(due_at__lt=soon).count() == 2


def test_a_refused_account_is_said_and_people_are_polled(ms, alice):
    shared(alice, ALICE)
    subscriptions.connect_account(ACCOUNT, "expired")
    keep()
    assert "AADSTS700082" in health().said
    assert health().kind == "account"
    ms.presences[ALICE] = ("Busy", "Busy")
    poll()
    assert Link.objects.get().availability == "Busy"
    subscriptions.connect_account(ACCOUNT, "refresh-1")
    keep()
    assert health().kind == ""


def test_the_next_refresh_token_is_used_next(ms, alice):
    shared(alice, ALICE)
    subscribe()
    del ms.refresh_tokens["refresh-1"]
    Subscription.objects.update(renew_at=timezone.now())
    keep()
    assert Subscription.objects.get().problem == ""


def test_an_outage_of_graph_is_no_fault_of_the_account(ms, alice):
    shared(alice, ALICE)
    ms.is_down = True
    row = subscribe()
    assert (row.problem, row.graph_id) == ("", "")
    assert ServiceState.objects.get().kind == "unavailable"
    ms.is_down = False
    keep()
    assert Subscription.objects.get().graph_id


def test_an_operator_connects_an_account_and_forgets_it(ms, capsys):
    call_command("connectmicrosoft")
    said = capsys.readouterr().out
    assert "enter ABC" in said
    assert f"Connected {ACCOUNT}." in said
    assert Subscription.objects.get().account == ACCOUNT
    call_command("connectmicrosoft", forget=ACCOUNT)
    assert not Subscription.objects.exists()
    with pytest.raises(CommandError):
        call_command("connectmicrosoft", forget=ACCOUNT)


def test_the_command_says_what_is_not_set(db):
    with pytest.raises(CommandError, match="Set GRAPH_TENANT"):
        call_command("connectmicrosoft")


def test_somebody_who_is_not_found_is_in_no_subscription(ms, alice):
    with_mail(alice)
    links.connect(alice.id)
    subscribe()
    assert ms.subscriptions == {}
    assert made(ms) == 0
