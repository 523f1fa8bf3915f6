"""A real worker and beat do the work of plugins."""

from uuid import uuid4

from django.utils import timezone

from apps.chats.actions import groups
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import Message
from apps.core.identifiers import new_id
from apps.plugins.polls import voting
from apps.plugins.reminders.models import Reminder
from apps.wire import bodies
from tests.promises.test_pushes import until
from tests.support.live import *  # noqa: F403  its list of fixtures
from tests.support.live import database
from tests.support.people import person
from tests.support.workers import workers

__all__ = ["workers"]


def begin():
    """A group with a poll in which somebody voted, and a reminder there that is due."""
    alice = person(f"alice-{uuid4().hex[:8]}", name="Alice")
    chat = groups.create_group(alice.id, "Crew", [])
    data = {"options": ["a", "b"], "multiple": False, "closed": False, "counts": [0, 0]}
    layout = bodies.Layout(plugin="polls", data=data)
    given = {"sender": alice.id, "chat": chat, "client_id": new_id(), "text": "Which?"}
    [poll] = send_batch([validated_send(**given, layout=layout)])
    voting.vote(alice.id, chat, poll.seq, [1])
    Reminder.objects.create(
        user_id=alice.id,
        chat_id=chat,
        client_id=new_id(),
        here=True,
        text="bring cake",
        due_at=timezone.now(),
    )
    return chat, poll.seq


def test_votes_are_counted_and_reminders_sent(db, workers):
    chat, seq = database(begin)
    workers.beat()
    workers.tasks()

    def looks_done():
        rows = Message.objects.filter(chat_id=chat)
        counts = rows.get(seq=seq).layout["data"]["counts"]
        return counts == [0, 1] and rows.filter(text="Reminder: bring cake").count() == 1

    until(lambda: database(looks_done), within=60)
    until(lambda: database(lambda: Reminder.objects.get(chat_id=chat).state) == "sent", within=60)
    assert database(lambda: Message.objects.filter(chat_id=chat, kind="text").count()) == 2
