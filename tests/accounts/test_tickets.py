"""Single-use tickets with which apps open live connections."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions import tickets
from apps.accounts.models import Session, Ticket
from apps.accounts.tasks import clear_expired_sessions
from apps.accounts.tokens import digest
from apps.core.errors import NotFound
from tests.support.apps import ENDINGS, app_of, use_ticket
from tests.support.people import signed_in


def ticket_of(app):
    response = app.request("POST", "tickets")
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    return response.json()["ticket"]


def test_a_ticket_is_random_stored_hashed_and_lasts_thirty_seconds(alice):
    app = app_of(alice)
    one, other = ticket_of(app), ticket_of(app)
    assert one != other
    assert len(one) == 43  # 256 bits in base64url
    rows = Ticket.objects.all()
    assert {row.digest for row in rows} == {digest(one), digest(other)}
    for row in rows:
        assert one not in str(vars(row))
        left = row.expires_at - timezone.now()
        assert timedelta(seconds=25) < left <= timedelta(seconds=30)


def test_a_ticket_works_once_for_the_app_that_asked(alice):
    app = app_of(alice)
    ticket = ticket_of(app)
    assert use_ticket(ticket) == (alice, f"app:{app.device.hex}")
    assert use_ticket(ticket) is None


@pytest.mark.parametrize("guess", ["", "x", "x" * 43, "\x00", "é", "' OR 1=1 --"])
def test_a_guessed_ticket_signs_nobody_in(alice, guess):
    ticket_of(app_of(alice))
    assert use_ticket(guess) is None
    assert Ticket.objects.count() == 1


def test_the_stored_digest_is_no_ticket(alice):
    ticket = ticket_of(app_of(alice))
    assert use_ticket(digest(ticket)) is None


def test_an_expired_ticket_is_refused_and_deleted(alice):
    app = app_of(alice)
    ticket, left = ticket_of(app), ticket_of(app)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert use_ticket(ticket) is None
    assert Ticket.objects.get().digest == digest(left)
    clear_expired_sessions()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_ticket_of_a_device_that_ended_is_refused(alice, ending):
    app = app_of(alice)
    ticket = ticket_of(app)
    ending(app, alice)
    assert use_ticket(ticket) is None


def test_a_browser_gets_no_ticket(alice):
    assert signed_in(alice).post("/api/v1/tickets").status_code == 404


def test_nobody_gets_a_ticket_for_the_app_of_another_person(alice, charlie):
    app = app_of(alice)
    with pytest.raises(NotFound):
        tickets.issue(charlie.id, session_key=f"app:{app.device.hex}")
    Session.objects.update(expire_date=timezone.now() - timedelta(hours=1))
    with pytest.raises(NotFound):
        tickets.issue(alice.id, session_key=f"app:{app.device.hex}")
