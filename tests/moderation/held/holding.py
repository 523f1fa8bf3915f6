"""Messages that a rule holds, and what their tests look at."""

from uuid import uuid4

from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import Message, Scheduled
from apps.core.errors import Held
from apps.moderation.actions import rules
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord

OPERATOR = By(None, Door.COMMAND)
TEXT = "Cheap pills, see below"


def add(pattern, effect="hold"):
    """Add a rule, which this process then knows: tests commit nothing."""
    rule = rules.add(OPERATOR, kind="words", pattern=pattern, effect=effect)
    rules.forget()
    rules.refresh()
    return rule


def send(sender, chat, text=TEXT, client_id=None, **fields):
    given = {"sender": sender.id, "chat": chat, "client_id": client_id or uuid4(), "text": text}
    [outcome] = send_batch([validated_send(**given, **fields)])
    return outcome


def hold(sender, chat, text=TEXT, **fields):
    """A message that waits."""
    assert isinstance(send(sender, chat, text, **fields), Held)
    return Scheduled.objects.filter(user_id=sender.id).latest("held_at")


def by(moderator):
    return By(moderator.id, Door.ADMIN)


def texts(chat):
    rows = Message.objects.filter(chat_id=chat, kind="text").order_by("seq")
    return list(rows.values_list("text", flat=True))


def actions():
    rows = AuditRecord.objects.exclude(action="add_rule").order_by("number")
    return list(rows.values_list("action", flat=True))
