"""Requests to read a chat, and what their tests look at."""

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.chats.models import Message
from apps.chats.queries import changes
from apps.moderation.actions import break_glass
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.break_glass import Asked
from apps.moderation.models import AuditRecord, ReadRequest
from tests.moderation.conftest import moderator_named

API = "/api/v1/moderation/read-requests"
LONG_AGO = timezone.now() - timedelta(days=30)
WORDS = "words that only the members read"


def reader_named(username):
    """A moderator with the permission for break-glass."""
    user = moderator_named(username)
    user.user_permissions.add(Permission.objects.get(codename="break_glass"))
    return user


def by(user):
    return By(user.id, Door.API)


def ask(user, chat, **more):
    given = {"since": LONG_AGO, "reason": "abuse", "text": "Threats", "hours": 2, **more}
    return break_glass.ask(by(user), Asked(chat=chat, **given))


def approved(asker, approver, chat, **more):
    return break_glass.approve(by(approver), ask(asker, chat, **more).id)


def texts(page):
    return [entry.text for entry in page.entries if entry.kind == "text"]


def actions():
    return [*AuditRecord.objects.order_by("number").values_list("action", flat=True)]


def expire(row, hours=0):
    """As if it had expired this many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    ReadRequest.objects.filter(id=row.id).update(over_at=at)


def told_in(chat):
    return [*Message.objects.filter(chat_id=chat, kind="moderator_read")]


def changes_of(chat, rev):
    return [each.event.message for each in changes.since({chat: rev})[chat].publications]
