"""Sessions have an owner; ending one closes its live connections."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from apps.accounts.access_handlers import SESSIONS, Scope
from apps.accounts.actions import access, accounts, sessions
from apps.accounts.models import Session
from apps.accounts.queries.sessions import session_hash, valid_sessions
from apps.accounts.sessions import ORIGIN, SessionStore
from apps.accounts.tasks import clear_expired_sessions
from apps.core.identifiers import new_id
from apps.wire.publish import EndSessions
from tests.support.people import signed_in
from tests.support.statements import traffic


def key(client):
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def ended_sessions(events):
    return [(item.to, item.stream, item.event, item.effect) for item in events]


def test_a_session_belongs_to_the_person_who_signed_in(alice):
    assert Session.objects.get(session_key=key(signed_in(alice))).user_id == alice.id


def test_signing_out_ends_that_session_and_its_connections_only(alice, captured_events):
    phone, laptop = signed_in(alice), signed_in(alice)
    ended = key(phone)
    with captured_events() as events:
        phone.post("/accounts/logout/")
    assert ended_sessions(events) == [
        (alice.id, "person", None, EndSessions(session=session_hash(ended)))
    ]
    assert valid_sessions([(alice.id, ended), (alice.id, key(laptop))]) == {(alice.id, key(laptop))}


def test_signing_out_everywhere_ends_all_sessions_of_one_person(alice, bob, captured_events):
    devices = [key(signed_in(alice)), key(signed_in(alice))]
    other = key(signed_in(bob))
    with captured_events() as events:
        sessions.sign_out_everywhere(alice.id)
    assert ended_sessions(events) == [(alice.id, "person", None, EndSessions(session=None))]
    assert not valid_sessions([(alice.id, device) for device in devices])
    assert valid_sessions([(bob.id, other)]) == {(bob.id, other)}


def test_closing_an_account_ends_its_sessions_and_connections(alice, captured_events):
    device = signed_in(alice)
    with captured_events() as events:
        accounts.deactivate(alice.id)
    assert ended_sessions(events) == [(alice.id, "person", None, EndSessions(session=None))]
    assert device.get("/api/v1/me").status_code == 401
    assert valid_sessions([(alice.id, key(device))]) == set()


def test_ending_an_unknown_session_publishes_nothing(db, captured_events):
    with captured_events() as events:
        sessions.end("nobody")
    assert events == []


def test_valid_sessions_checks_many_pairs_in_one_query(alice, bob):
    mine, theirs, old = key(signed_in(alice)), key(signed_in(bob)), key(signed_in(bob))
    Session.objects.filter(session_key=old).update(expire_date=timezone.now() - timedelta(1))
    asked = [(alice.id, mine), (bob.id, theirs), (bob.id, mine), (bob.id, old), (alice.id, "x")]
    with traffic() as sent:
        assert valid_sessions(asked) == {(alice.id, mine), (bob.id, theirs)}
    assert sent.statements == 1
    assert valid_sessions([]) == set()


def test_a_running_request_does_not_restore_an_ended_session(alice):
    store = SessionStore(key(signed_in(alice)))
    store["seen"] = True
    sessions.sign_out_everywhere(alice.id)
    with pytest.raises(UpdateError):
        store.save()


def test_the_key_itself_is_not_published(alice):
    device = key(signed_in(alice))
    assert device not in session_hash(device)
    assert len(session_hash(device)) == 32


def test_expired_sessions_are_cleared_and_others_stay(alice):
    old, new = key(signed_in(alice)), key(signed_in(alice))
    Session.objects.filter(session_key=old).update(expire_date=timezone.now() - timedelta(1))
    clear_expired_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == [new]
    beat = django_settings.CELERY_BEAT_SCHEDULE["clear-sessions"]["task"]
    assert clear_expired_sessions.name == beat


def from_origin(user, origin):
    """The key of a session that another app began for the person."""
    client = signed_in(user)
    session = client.session
    session[ORIGIN] = str(origin)
    session.save()
    return key(client)


def test_sessions_of_an_origin_end_with_their_connections_only(alice, bob, captured_events):
    origin = new_id()
    ended, other = from_origin(alice, origin), from_origin(bob, new_id())
    by_password = key(signed_in(alice))
    keys = sessions.of_origins([origin, new_id()])
    assert keys == {alice.id: [ended]}
    with captured_events() as events:
        access.end_access(Scope(alice.id, only={SESSIONS: keys[alice.id]}), way=access.Way.POLL)
    assert ended_sessions(events) == [
        (alice.id, "person", None, EndSessions(session=session_hash(ended)))
    ]
    left = set(Session.objects.values_list("session_key", flat=True))
    assert left == {other, by_password}


def test_a_session_with_a_new_key_keeps_its_origin(alice):
    origin = new_id()
    store = SessionStore(from_origin(alice, origin))
    store.cycle_key()
    store.save()
    assert Session.objects.get(session_key=store.session_key).origin == origin
