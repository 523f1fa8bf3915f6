"""Suspending and banning people, and lifting it."""

import contextlib
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts, suspensions
from apps.accounts.actions.access import Way
from apps.accounts.models import Suspension, User
from apps.chats.actions import groups, invite_links
from apps.chats.models import Member
from apps.chats.models.member import Role
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.moderation.actions import people
from apps.moderation.models import AuditRecord
from apps.sso.actions.identities import sign_in
from apps.sso.errors import Reason, SignInFailed
from apps.sso.models import Identity
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.conftest import moderator_named
from tests.moderation.people.suspending import OPERATOR, by, is_open, records, soon
from tests.moderation.people.test_pages import LIST, api
from tests.moderation.people.test_roles import ACTIONS
from tests.support.people import in_touch, person, signed_in


def ban(who, whom, reason="Insults"):
    return people.suspend(who, whom.id, until=None, reason=reason)


def test_a_ban_ends_everything_and_is_recorded_once(alice, bob, moderator):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    browser = signed_in(alice)
    assert browser.get("/api/v1/me").status_code == 200
    ending = ban(by(moderator), alice)
    assert browser.get("/api/v1/me").status_code == 401
    with pytest.raises(NotFound):
        invite_links.find_link(link.secret)
    assert (ending.way, ending.by_id, ending.account) == (Way.SUSPENSION, moderator.id, True)
    assert {part.kind: part.count for part in ending.parts.all()} == {
        "sessions": 1,
        "invite links": 1,
        "groups passed on": 1,
    }
    [row] = AuditRecord.objects.all()
    assert (row.action, row.by, row.person, row.reason) == (
        "ban",
        moderator.id,
        alice.id,
        "Insults",
    )
    assert json.loads(row.details) == {"ending": str(ending.id), "until": None}
    suspension = Suspension.objects.get()
    assert (suspension.user_id, suspension.until, suspension.by_id) == (
        alice.id,
        None,
        moderator.id,
    )


def test_who_is_suspended_for_a_time_stays_owner_of_their_groups(alice, bob, moderator):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    people.suspend(by(moderator), alice.id, until=soon(), reason="Insults")
    owner = Member.objects.get(chat_id=crew, role=Role.OWNER)
    assert owner.user_id == alice.id
    with pytest.raises(NotFound):
        invite_links.find_link(link.secret)


def test_a_banned_person_cannot_come_back_by_the_provider(alice, moderator, settings):
    identity = Identity.objects.create(user=alice, issuer="https://id.example", subject="alice")
    ban(by(moderator), alice)

    class Person:
        issuer, subject, email, roles = identity.issuer, identity.subject, "", ()

    with pytest.raises(SignInFailed) as refusal:
        sign_in(Person, locale="en")
    assert refusal.value.reason == Reason.CLOSED
    assert User.objects.count() == 2, "no second account"


def test_a_banned_person_cannot_sign_in_with_a_password(moderator):
    from apps.accounts.actions.registration import register
    from tests.support.people import PASSWORD

    register("eve", password=PASSWORD)
    body = {"username": "eve", "password": PASSWORD}
    client = Client()
    assert client.post("/api/v1/session", body, content_type="application/json").status_code == 201
    ban(by(moderator), User.objects.get(username="eve"))
    assert Client().post("/api/v1/session", body, content_type="application/json").status_code > 400


@pytest.mark.parametrize(
    "opening", [accounts.activate, lambda person_id: suspensions.end(person_id, expired=True)]
)
def test_nothing_but_lifting_opens_a_banned_account(alice, moderator, opening):
    ban(by(moderator), alice)
    with contextlib.suppress(NotPossible):
        opening(alice.id)
    assert not is_open(alice)
    people.lift(by(moderator), alice.id, reason="A mistake")
    assert is_open(alice)
    assert User.objects.get(id=alice.id).closed_way == ""
    assert [action for action, _, _ in records()] == ["ban", "lift"]


@pytest.mark.parametrize("order", ["closed first", "banned first"])
def test_an_account_that_was_also_closed_otherwise_stays_closed(alice, moderator, order):
    steps = [
        lambda: accounts.deactivate(alice.id, way=Way.DIRECTORY),
        lambda: ban(by(moderator), alice),
    ]
    for step in steps if order == "closed first" else steps[::-1]:
        step()
    people.lift(by(moderator), alice.id, reason="A mistake")
    assert not is_open(alice)
    assert User.objects.get(id=alice.id).closed_way == Way.DIRECTORY
    accounts.activate(alice.id)
    assert is_open(alice)


def test_what_the_directory_opens_while_banned_is_opened_by_lifting(alice, moderator):
    ban(by(moderator), alice)
    accounts.deactivate(alice.id, way=Way.DIRECTORY)
    accounts.activate(alice.id)
    assert not is_open(alice)
    people.lift(by(moderator), alice.id, reason="A mistake")
    assert is_open(alice)


def test_a_suspension_ends_by_itself(alice, bob, moderator):
    for user, hours in ((alice, 1), (bob, 2)):
        people.suspend(by(moderator), user.id, until=soon(hours=hours), reason="Insults")
    people.lift_expired()
    assert (is_open(alice), is_open(bob)) == (False, False)
    Suspension.objects.filter(user=alice).update(until=timezone.now())
    people.lift_expired()
    people.lift_expired()
    assert (is_open(alice), is_open(bob)) == (True, False)
    assert records()[2:] == [("suspension_over", None, alice.id)]


def test_one_suspension_that_cannot_be_lifted_does_not_keep_the_others(
    alice, bob, moderator, monkeypatch, caplog
):
    for user in (alice, bob):
        people.suspend(by(moderator), user.id, until=soon(), reason="Insults")
    Suspension.objects.filter(user=alice).update(until=soon(hours=-2))
    Suspension.objects.filter(user=bob).update(until=soon(hours=-1))
    end = suspensions.end

    def fail_for_alice(person_id, **more):
        if person_id == alice.id:
            raise ValueError("broken")
        end(person_id, **more)

    monkeypatch.setattr(suspensions, "end", fail_for_alice)
    people.lift_expired()
    assert (is_open(alice), is_open(bob)) == (False, True)
    assert "cannot be lifted" in caplog.text


def test_a_later_suspension_replaces_the_first(alice, moderator):
    people.suspend(by(moderator), alice.id, until=soon(), reason="Insults")
    ban(by(moderator), alice, "Insults again")
    suspension = Suspension.objects.get()
    assert (suspension.until, suspension.reason) == (None, "Insults again")
    assert [action for action, _, _ in records()] == ["suspend", "ban"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "a\x00"])
def test_a_suspension_needs_a_reason(alice, moderator, reason):
    with pytest.raises(Invalid):
        ban(by(moderator), alice, reason)
    assert is_open(alice)
    assert records() == []


def test_a_suspension_ends_in_the_future(alice, moderator):
    with pytest.raises(Invalid):
        people.suspend(by(moderator), alice.id, until=soon(hours=-1), reason="Insults")


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00"])
def test_a_far_end_keeps_no_moderator_from_the_list(alice, moderator, until):
    """In UTC the first is in the year 10000, which PostgreSQL has and Python has not."""
    client = signed_in(moderator)
    status = api(client, alice.id, reason="Insults", until=until).status_code
    assert status == (400 if "-14" in until else 200)
    assert client.get(LIST).status_code == 200


def test_who_is_not_suspended_cannot_be_let_in(alice, moderator):
    accounts.deactivate(alice.id)
    with pytest.raises(NotPossible):
        people.lift(by(moderator), alice.id, reason="A mistake")
    assert not is_open(alice)


def test_suspending_and_lifting_lock_in_the_documented_order(alice, bob, moderator):
    in_touch(alice, bob)
    groups.create_group(alice.id, "Crew", [bob.id])
    with order_of_locks() as tables:
        ban(by(moderator), alice)
    after_the_sessions = {"accounts_user", "accounts_suspension"}
    assert in_order([table for table in tables if table not in after_the_sessions]), tables
    assert tables[-1] == "moderation_auditrecord"
    with order_of_locks() as tables:
        people.lift(by(moderator), alice.id, reason="A mistake")
    people_first = ["accounts_stream", "accounts_user", "accounts_suspension"]
    assert tables == [*people_first, "notifications_push", "moderation_auditrecord"]


@pytest.mark.parametrize("step", ["lift", "suspend", "ban"])
def test_moderators_do_not_change_what_an_administrator_set(alice, moderator, root, step):
    ban(by(root), alice)
    for who in (moderator, moderator_named("other")):
        with pytest.raises(Forbidden, match="administrator"):
            ACTIONS[step](by(who), alice.id)
    suspension = Suspension.objects.get()
    assert (suspension.until, suspension.by_id) == (None, root.id)
    User.objects.filter(id=root.id).update(is_superuser=False)
    with pytest.raises(Forbidden, match="administrator"):
        ACTIONS[step](by(moderator), alice.id)
    ACTIONS[step](by(person("boss", is_staff=True, is_superuser=True)), alice.id)
    assert is_open(alice) == (step == "lift")


def test_an_administrators_suspension_ends_when_its_time_is_over(alice, root):
    people.suspend(by(root), alice.id, until=soon(), reason="Insults")
    Suspension.objects.update(until=timezone.now())
    people.lift_expired()
    assert is_open(alice)


def test_what_an_operator_set_is_not_for_moderators(alice, moderator):
    ban(OPERATOR, alice)
    with pytest.raises(Forbidden, match="administrator"):
        people.lift(by(moderator), alice.id, reason="A mistake")
