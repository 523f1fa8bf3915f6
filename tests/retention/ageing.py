"""Old messages, and rules that are in force."""

from datetime import timedelta

from django.utils import timezone

from apps.chats.models import Chat, Message
from apps.chats.queries import history
from apps.moderation.actions.audit import By, Door
from tests.chats.factories import write

MARK = "zebrafinch"
STAFF = By(None, Door.COMMAND)


def age(chat, days, *, before):
    """Make the entries before a seq so old."""
    at = timezone.now() - timedelta(days=days)
    Message.objects.filter(chat_id=chat, seq__lt=before).update(created_at=at)


def in_force(chat, days):
    """The chat's own rule, after its day of grace."""
    now = timezone.now()
    Chat.objects.filter(id=chat).update(keep_days=days, keep_days_from=now)


def poll(by, chat):
    """Its seq."""
    seq = write(by, chat, MARK).seq
    data = {"question": MARK, "options": ["a", "b"], "multiple": False, "closed": False}
    layout = {"plugin": "polls", "data": data | {"anonymous": False, "counts": [], "voters": 0}}
    Message.objects.filter(chat_id=chat, seq=seq).update(layout=layout)
    return seq


def seqs(chat):
    return [each.seq for each in history.newest(chat, limit=50)]
