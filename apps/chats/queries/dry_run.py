"""A dry run of changed notification preferences on a person's most recent messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.chats.queries.notification_preferences import of_person
from apps.core.errors import NotFound
from apps.core.graphemes import cut
from apps.core.limits import REHEARSALS, limited
from apps.notifications.rules import PUSH_REASONS, ChatPreferences, Level, decide
from apps.wire import bodies

# Chat, seq, created_at, text, and whether the person is mentioned.
Row = tuple[UUID, int, datetime, str, bool]

MAX_MESSAGES = 200
EXCERPT_LENGTH = 120
# The newest of each chat, by primary key; then the newest of all.
RECENT_MESSAGES = """
SELECT x.chat_id, x.seq, x.created_at, x.text, x.mentions_all OR %(user)s = ANY (x.mentions)
FROM unnest(%(chats)s::uuid[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT chat_id, seq, created_at, text, mentions, mentions_all FROM chats_message m
    WHERE m.chat_id = c.id AND m.kind = 'text' AND m.deleted_at IS NULL
        AND m.sender_id <> %(user)s
    ORDER BY m.seq DESC LIMIT %(most)s) x
ORDER BY x.created_at DESC LIMIT %(most)s
"""


@limited(REHEARSALS)
def try_changes(
    user_id: UUID, *, chat_id: UUID | None, changes: Mapping[str, Any]
) -> bodies.RehearsalResult:
    """Decide about the newest messages again, without and with the changes.

    Looks at all chats of the person, or only at `chat_id`. `changes` may contain `level`,
    `keywords`, `break_through`, and for one chat `notify` and `muted`. Raises NotFound for a chat
    that the person is not in.
    """
    members = of_person(user_id)
    if chat_id is not None:
        if chat_id not in members:
            raise NotFound
        members = {chat_id: members[chat_id]}
    tried: list[bodies.Rehearsed] = []
    for chat, seq, at, text, mentioned in _recent_messages(user_id, list(members)):
        preferences = members[chat].preferences
        now = decide(preferences, text=text, mentioned=mentioned, now=at)
        then = decide(_changed(preferences, changes), text=text, mentioned=mentioned, now=at)
        tried.append(bodies.Rehearsed(chat, seq, at, cut(text, EXCERPT_LENGTH), now, then))
    return bodies.RehearsalResult(
        looked_at=len(tried),
        now=sum(one.now in PUSH_REASONS for one in tried),
        then=sum(one.then in PUSH_REASONS for one in tried),
        items=[one for one in tried if (one.now in PUSH_REASONS) != (one.then in PUSH_REASONS)],
    )


def _changed(preferences: ChatPreferences, changes: Mapping[str, Any]) -> ChatPreferences:
    fields = dict(changes)
    if "notify" in fields:
        fields["chat_level"] = fields.pop("notify")
    if "level" in fields:
        fields["level"] = Level(fields["level"])
    if "keywords" in fields:
        fields["keywords"] = tuple(fields["keywords"])
    if fields.get("muted") is False:
        fields["muted_until"] = None
    return msgspec.structs.replace(preferences, **fields)


def _recent_messages(user_id: UUID, chats: list[UUID]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(RECENT_MESSAGES, {"user": user_id, "chats": chats, "most": MAX_MESSAGES})
        rows: list[Row] = cursor.fetchall()
        return rows
