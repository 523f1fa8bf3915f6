"""Presences that Graph is asked for."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.queries import notification_preferences
from apps.contacts.actions import profile
from apps.core.emoji import is_single_emoji
from apps.graph import statuses
from apps.graph.actions import links, polling, presences, service
from apps.graph.errors import GraphRefused
from apps.graph.gateways import graph
from apps.graph.gateways.graph import Presence
from apps.graph.models import Link, ServiceState
from apps.graph.queries.health import health
from tests.graph.conftest import ALICE, BOB, poll, shared, status_of
from tests.support.people import in_touch, with_mail


def test_somebody_is_found_by_their_proven_address_and_shown_in_a_meeting(ms, alice):
    with_mail(alice)
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    links.connect(alice.id)
    polling.follow()
    assert status_of(alice) == ("In a meeting", "📅", True)
    shown = profiles.person_body(alice).status
    assert (shown.text, shown.source) == ("In a meeting", "microsoft")
    assert ms.asked[-1] == ("POST", "/v1.0/communications/getPresencesByUserId")


@pytest.mark.parametrize(
    ("availability", "activity", "expected"),
    [
        ("Available", "Available", ("", "", False)),
        ("Offline", "OffWork", ("", "", False)),
        ("PresenceUnknown", "PresenceUnknown", ("", "", False)),
        ("SomethingNew", "SomethingNew", ("", "", False)),
        ("Busy", "Busy", ("Busy", "🔴", False)),
        ("Busy", "InACall", ("In a call", "📞", True)),
        ("Busy", "InAConferenceCall", ("In a meeting", "📅", True)),
        ("DoNotDisturb", "Presenting", ("Presenting", "🖥️", True)),
        ("DoNotDisturb", "DoNotDisturb", ("Do not disturb", "⛔", True)),
        ("BeRightBack", "BeRightBack", ("Be right back", "⏳", False)),
        ("Away", "Away", ("Away from Teams", "🟡", False)),
        ("Offline", "OutOfOffice", ("Out of office", "🏝️", False)),
    ],
)
def test_what_is_shown_of_each_presence(availability, activity, expected):
    status = statuses.status_of(availability, activity)
    assert (status or ("", "", False)) == expected
    assert status is None or is_single_emoji(status.emoji)


def test_it_is_in_the_language_of_the_person(ms, alice):
    User.objects.filter(id=alice.id).update(locale="de")
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    shared(alice, ALICE)
    poll()
    assert status_of(alice)[0] == "In einer Besprechung"


def test_contacts_are_told_once_and_of_nothing_new(ms, alice, bob, captured_events):
    in_touch(alice, bob)
    shared(alice, ALICE)
    ms.presences[ALICE] = ("Busy", "InACall")
    with captured_events() as events:
        poll()
        poll()
    assert sorted(event.to for event in events) == sorted([alice.id, bob.id])
    [quiet] = [event.event.contact.quiet for event in events if event.to == bob.id]
    assert quiet.until > timezone.now()


def test_their_own_status_stays_and_is_what_others_see(ms, alice):
    profile.update(alice.id, version=None, status_text="On the ferry", status_emoji="🚆")
    shared(alice, ALICE)
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    poll()
    alice.refresh_from_db()
    assert profiles.person_body(alice).status.text == "On the ferry"
    # Nothing is pushed all the same.
    assert profiles.me_body(alice).busy_until > timezone.now()
    profile.update(alice.id, version=None, status_text="", status_emoji="")
    alice.refresh_from_db()
    assert profiles.person_body(alice).status.text == "In a meeting"


def test_it_goes_when_the_meeting_ends_when_sharing_ends_and_when_nobody_confirms_it(ms, alice):
    shared(alice, ALICE)
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    poll()
    alice.refresh_from_db()
    assert timedelta(0) < alice.synced_until - timezone.now() <= timedelta(minutes=30)
    User.objects.filter(id=alice.id).update(synced_until=timezone.now())
    alice.refresh_from_db()
    assert (profiles.status(alice), profiles.quiet(alice)) == (None, None)
    poll()
    assert status_of(alice)[0] == "In a meeting"
    ms.presences[ALICE] = ("Available", "Available")
    poll()
    assert status_of(alice)[0] == ""
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    poll()
    links.disconnect(alice.id)
    assert status_of(alice) == ("", "", False)
    assert not Link.objects.exists()


def test_nothing_is_pushed_during_a_meeting_and_again_after_it(ms, alice, bob, crew):
    shared(alice, ALICE)
    people = [(crew, alice.id), (crew, bob.id)]

    def quiet():
        found = notification_preferences.of_members(people)
        now = timezone.now()
        return [found[each].preferences.do_not_disturb.active_at(now) for each in people]

    ms.presences[ALICE] = ("Busy", "Busy")
    poll()
    assert quiet() == [False, False]
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    poll()
    assert quiet() == [True, False]
    # Their own time stays, when it is longer.
    until = timezone.now() + timedelta(hours=4)
    User.objects.filter(id=alice.id).update(dnd_until=until)
    ms.presences[ALICE] = ("Available", "Available")
    poll()
    alice.refresh_from_db()
    assert (quiet(), alice.dnd_until) == ([True, False], until)


def test_later_news_is_not_replaced_by_earlier(ms, alice):
    shared(alice, ALICE)
    now = timezone.now()
    presences.apply(alice.id, Presence(UUID(ALICE), "Busy", "Busy"), known_at=now)
    older = Presence(UUID(ALICE), "Busy", "InACall")
    presences.apply(alice.id, older, known_at=now - timedelta(seconds=1))
    assert status_of(alice)[0] == "Busy"


def test_what_arrives_after_the_end_of_sharing_shows_nothing(ms, alice):
    shared(alice, ALICE)
    links.disconnect(alice.id)
    late = Presence(UUID(ALICE), "Busy", "Busy")
    presences.apply(alice.id, late, known_at=timezone.now() + timedelta(minutes=1))
    assert status_of(alice)[0] == ""


def test_at_most_650_people_are_asked_for_in_one_request(ms, alice, bob):
    people = User.objects.bulk_create(
        User(username=f"p{n}", password="!", email=f"p{n}@example.org") for n in range(651)
    )
    Link.objects.bulk_create(
        Link(user=each, email=each.email, object_id=uuid4()) for each in people
    )
    polling.follow()
    assert [path for _, path in ms.asked].count("/v1.0/communications/getPresencesByUserId") == 2


def test_one_id_that_graph_refuses_keeps_no_presence_from_the_others(ms, alice, bob):
    people = User.objects.bulk_create(
        User(username=f"p{n}", password="!", email=f"p{n}@example.org") for n in range(40)
    )
    Link.objects.bulk_create(
        Link(user=each, email=each.email, object_id=uuid4()) for each in people
    )
    shared(alice, ALICE)
    shared(bob, BOB)
    ms.presences[ALICE] = ("Busy", "InAMeeting")
    ms.refused = {BOB}
    polling.follow()
    assert status_of(alice)[0] == "In a meeting"
    refused = Link.objects.get(user=bob)
    assert (refused.object_id, refused.problem) == (None, "not_found")
    assert Link.objects.exclude(known_at=None).count() == 41
    assert ServiceState.objects.get().kind == ""
    asked = [path for _, path in ms.asked].count("/v1.0/communications/getPresencesByUserId")
    assert asked <= polling.MAX_PARTS


def test_a_graph_that_refuses_everybody_is_asked_a_bounded_number_of_times(ms, alice, bob):
    shared(alice, ALICE)
    shared(bob, BOB)
    ms.refused = {ALICE, BOB}
    polling.follow()
    assert [path for _, path in ms.asked].count("/v1.0/communications/getPresencesByUserId") == 3
    assert ServiceState.objects.get().kind == "refused"
    assert not Link.objects.filter(object_id=None).exists()


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ([], "not_found"),
        ([{"id": ALICE, "mail": "alice@example.org", "userPrincipalName": "a"}] * 2, "ambiguous"),
        (
            [
                {
                    "id": ALICE,
                    "mail": "alice@example.org",
                    "userPrincipalName": "alice_other.org#EXT#@example.onmicrosoft.com",
                }
            ],
            "guest",
        ),
    ],
)
def test_only_one_member_with_the_mailbox_is_the_person(ms, alice, people, problem):
    with_mail(alice)
    ms.people = people
    links.connect(alice.id)
    polling.follow()
    link = Link.objects.get()
    assert (link.object_id, link.problem) == (None, problem)


def test_the_presence_of_one_mailbox_is_shared_by_one_account(ms, alice, charlie):
    shared(with_mail(charlie, "other@example.org"), ALICE)
    with_mail(alice)
    links.connect(alice.id)
    polling.follow()
    assert Link.objects.get(user=alice).problem == "taken"


def test_another_address_ends_the_sharing(ms, alice):
    shared(alice, ALICE)
    ms.presences[ALICE] = ("Busy", "Busy")
    poll()
    User.objects.filter(id=alice.id).update(email="new@example.org")
    polling.follow()
    assert not Link.objects.exists()
    assert status_of(alice)[0] == ""


def test_graph_is_left_alone_for_as_long_as_it_asks(ms, alice):
    shared(alice, ALICE)
    ms.throttled = 120
    poll()
    asked = len(ms.asked)
    poll()
    assert len(ms.asked) == asked
    assert timedelta(seconds=100) < ServiceState.objects.get().paused_until - timezone.now()
    assert health().kind == ""
    ms.throttled = None
    ServiceState.objects.update(paused_until=timezone.now())
    poll()
    assert Link.objects.get().known_at is not None


def test_a_wrong_secret_is_said_in_the_health_until_it_is_right(ms, alice, settings):
    shared(alice, ALICE)
    settings.GRAPH_CLIENT_SECRET = "wrong"
    poll()
    found = health()
    assert (found.kind, "AADSTS7000215" in found.said) == ("sign_in", True)
    assert "wrong" not in found.said
    settings.GRAPH_CLIENT_SECRET = ms.secret
    poll()
    assert health().kind == ""


def test_a_wrong_secret_is_said_before_anybody_shares(ms, settings):
    settings.GRAPH_CLIENT_SECRET = "wrong"
    polling.follow()
    assert health().kind == "sign_in"
    asked = len(ms.asked)
    polling.follow()
    assert len(ms.asked) == asked
    settings.GRAPH_CLIENT_SECRET = ms.secret
    ServiceState.objects.update(failed_at=timezone.now() - service.CHECK_INTERVAL)
    polling.follow()
    assert health().kind == ""


def test_people_who_are_not_asked_for_in_time_are_said(ms, alice, bob):
    shared(alice, ALICE)
    shared(bob, BOB)
    long_ago = timezone.now() - timedelta(minutes=6)
    Link.objects.filter(user=alice).update(due_at=long_ago)
    assert health().kind == "late"
    User.objects.filter(id=alice.id).update(is_active=False)
    assert health().kind == ""


def test_an_outage_is_said_and_overcome(ms, alice):
    shared(alice, ALICE)
    ms.is_down = True
    poll()
    assert health().kind == "unavailable"
    ms.is_down = False
    poll()
    assert health().kind == ""


def test_a_dead_worker_is_followed_by_another(ms, alice):
    shared(alice, ALICE)
    ms.presences[ALICE] = ("Busy", "Busy")
    Link.objects.update(claimed_at=timezone.now(), attempt=1)
    polling.follow()
    assert status_of(alice)[0] == ""
    Link.objects.update(claimed_at=timezone.now() - polling.LEASE)
    polling.follow()
    assert status_of(alice)[0] == "Busy"


def test_nobody_is_asked_about_without_the_settings(ms, alice, settings):
    shared(alice, ALICE)
    settings.GRAPH_TENANT = ""
    poll()
    assert ms.asked == []
    assert not service.may_ask()


def test_a_closed_account_is_not_asked_about(ms, alice, bob):
    shared(alice, ALICE)
    shared(bob, BOB)
    User.objects.filter(id=alice.id).update(is_active=False)
    poll()
    known = Link.objects.exclude(known_at=None).values_list("user_id", flat=True)
    assert list(known) == [bob.id]


def test_an_address_that_graph_refuses_stops_no_other(ms, alice, bob, monkeypatch):
    for each in (alice, bob):
        with_mail(each)
        links.connect(each.id)
    Link.objects.filter(user=alice).update(due_at="2020-01-01T00:00Z")
    real = graph.people_with_mail

    def people(token, email):
        if email == "alice@example.org":
            raise GraphRefused(400, "BadRequest", "Invalid filter clause")
        return real(token, email)

    monkeypatch.setattr(graph, "people_with_mail", people)
    polling.follow()
    assert Link.objects.get(user=bob).object_id == UUID(BOB)
    assert Link.objects.get(user=alice).problem == "not_found"
    assert health().kind == ""
