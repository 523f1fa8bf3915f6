"""API of notification decisions: why a person was notified or not, and dry runs."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.models import Message
from apps.chats.queries import dry_run
from apps.chats.queries.access import get_membership
from apps.core.authentication import person_id
from apps.core.errors import NotFound
from apps.notifications.actions.preferences import MAX_KEYWORDS, clean_keywords
from apps.notifications.queries import notification_records
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class Rehearsal(Input, frozen=True):
    """Preferences to try on recent messages, in general or for one `chat`. Fields that are left out
    keep their current value."""

    chat: UUID | None = None
    level: bodies.NotifyLevel | None = None
    notify: bodies.NotifyLevel | Literal[""] | None = None
    muted: bool | None = None
    keywords: Annotated[list[str], Meta(max_length=MAX_KEYWORDS)] | None = None
    break_through: bool | None = None


class Notified(APIView):
    """`/chats/{chat}/messages/{seq}/notified`"""

    @operation(
        "getNotificationRecord", "Why was I (not) notified?", returns=bodies.NotificationRecord
    )
    def get(self, request: Request, chat: UUID, seq: int) -> Response:
        """The decision when the message was sent, and its result."""
        me = person_id(request)
        get_membership(me, chat)
        if not Message.objects.filter(pk=(chat, seq)).exists():
            raise NotFound
        return Response(notification_records.for_message(me, chat, seq))


class TryRules(APIView):
    """`/notifications/rehearsal`"""

    @operation(
        "rehearseNotifications",
        "Try other preferences on recent messages",
        body=Rehearsal,
        returns=bodies.RehearsalResult,
        errors=(NotFound,),
        calls=dry_run.try_changes,
    )
    def post(self, request: Request) -> Response:
        """Changes nothing."""
        form = decode(request, Rehearsal)
        changes = {
            name: value
            for name in ("level", "notify", "muted", "break_through")
            if (value := getattr(form, name)) is not None
        }
        if form.keywords is not None:
            changes["keywords"] = clean_keywords(form.keywords)
        return Response(dry_run.try_changes(person_id(request), chat_id=form.chat, changes=changes))
