"""Bob gets digests by a real mail server."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.actions.digest_sender import DigestSender
from apps.notifications.actions.digests import DigestUpdate, set_digest
from apps.notifications.models import Digest
from tests.support.mail_server import mail_server

__all__ = ["mail_server"]


def give_address(person, email, **fields):
    """A confirmed address, and other fields of the account."""
    User.objects.filter(id=person.id).update(email=email, **fields)
    person.refresh_from_db()
    return person


def make_due(*people):
    """Their digests are due, as if their time had come."""
    rows = Digest.objects.filter(user__in=people)
    rows.update(next_at=timezone.now() - timedelta(seconds=1), claimed_at=None)


def send():
    """One pass of a worker."""
    sender = DigestSender()
    sender.run()
    return sender


def parts(mail):
    """The plain text and the HTML of a mail."""
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return plain.get_content(), html.get_content()


@pytest.fixture
def reader(bob, mail_server):
    """Bob, who has chosen a digest at 08:00 in Berlin."""
    give_address(bob, "bob@example.org", time_zone="Europe/Berlin")
    set_digest(bob.id, DigestUpdate(frequency="daily", at="08:00"))
    return bob
