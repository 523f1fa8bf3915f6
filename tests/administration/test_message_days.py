"""The messages of a day: counted by PostgreSQL, added by a worker, shown in the overview."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.chats.actions import message_days
from apps.chats.models import Message, MessageDay
from apps.core.identifiers import new_id
from chatproject.administration import overview
from tests.support.people import person

TODAY, YESTERDAY = "Messages today, about", "Messages yesterday, about"


def shown(user):
    [size] = [each for each in overview.sections(user) if each.title == "People and messages"]
    return {str(line.name): line.value for line in size.lines if "day, about" in line.name}


def send(number):
    at = timezone.now()
    same = {"chat_id": new_id(), "sender_id": new_id(), "text": "", "created_at": at}
    Message.objects.bulk_create(
        Message(seq=seq, rev=seq, id=new_id(), client_id=new_id(), **same) for seq in range(number)
    )


def count():
    """As a minute later, when PostgreSQL's processes have reported what they counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
    message_days.count_messages()


@pytest.mark.django_db(transaction=True)
def test_messages_are_added_to_their_day(monkeypatch):
    root = person("root", is_staff=True, is_superuser=True)
    send(3)
    count()
    assert shown(root) == {TODAY: "0"}
    send(4)
    count()
    count()
    assert shown(root) == {TODAY: "4"}
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(message_days.timezone, "localdate", lambda: tomorrow)
    send(2)
    count()
    assert dict(MessageDay.objects.values_list("day", "sent")) == {
        tomorrow: 2,
        tomorrow - timedelta(days=1): 4,
    }


def test_a_counter_that_begins_again_takes_nothing_away(root, monkeypatch):
    today = timezone.localdate()
    MessageDay.objects.create(day=today - timedelta(days=1), sent=1_234, counter=5_000)
    MessageDay.objects.create(day=date(2020, 1, 1), sent=9, counter=10)
    for counter in (5_010, 3, 4):
        monkeypatch.setattr(message_days, "_inserted", lambda counter=counter: counter)
        message_days.count_messages()
    assert shown(root) == {TODAY: "14", YESTERDAY: "1,234"}
