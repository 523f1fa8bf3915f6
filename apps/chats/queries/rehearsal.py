"""A dry run: what other notification preferences would have decided about recent messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.chats.queries import wishes
from apps.core.errors import NotFound
from apps.core.limits import REHEARSALS, limited
from apps.notifications.rules import PUSHING, Level, Wishes, decide
from apps.wire import bodies

MAX_MESSAGES = 200
EXCERPT_LENGTH = 120
# The newest messages of each chat, by primary key; of these the newest of all chats.
RECENT = """
SELECT x.chat_id, x.seq, x.created_at, x.text, x.mentions_all OR %(user)s = ANY (x.mentions)
FROM unnest(%(chats)s::uuid[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT chat_id, seq, created_at, text, mentions, mentions_all FROM chats_message m
    WHERE m.chat_id = c.id AND m.kind = 'text' AND m.deleted_at IS NULL
        AND m.sender_id <> %(user)s
    ORDER BY m.seq DESC LIMIT %(limit)s) x
ORDER BY x.created_at DESC LIMIT %(limit)s
"""


@limited(REHEARSALS)
def rehearse(
    user_id: UUID, *, chat_id: UUID | None, changes: Mapping[str, Any]
) -> bodies.RehearsalResult:
    """Decide again about the newest messages of the person's chats, or of the given one.

    `changes` may have `level`, `keywords`, `break_through`, and for one chat `notify` and
    `muted`. Raises NotFound for a chat that is not theirs.
    """
    asked = wishes.of_person(user_id)
    if chat_id is not None:
        if chat_id not in asked:
            raise NotFound
        asked = {chat_id: asked[chat_id]}
    tried: list[bodies.Rehearsed] = []
    for chat, seq, at, text, mentioned in _recent(user_id, list(asked)):
        wanted, _ = asked[chat]
        now = decide(wanted, text=text, mentioned=mentioned, now=at)
        then = decide(_changed(wanted, changes), text=text, mentioned=mentioned, now=at)
        tried.append(bodies.Rehearsed(chat, seq, at, text[:EXCERPT_LENGTH], now, then))
    return bodies.RehearsalResult(
        looked_at=len(tried),
        now=sum(one.now in PUSHING for one in tried),
        then=sum(one.then in PUSHING for one in tried),
        items=[one for one in tried if (one.now in PUSHING) != (one.then in PUSHING)],
    )


def _changed(wanted: Wishes, changes: Mapping[str, Any]) -> Wishes:
    fields = dict(changes)
    if "notify" in fields:
        fields["chat_level"] = fields.pop("notify")
    if "level" in fields:
        fields["level"] = Level(fields["level"])
    if "keywords" in fields:
        fields["keywords"] = tuple(fields["keywords"])
    if fields.get("muted") is False:
        fields["muted_until"] = None
    return msgspec.structs.replace(wanted, **fields)


def _recent(user_id: UUID, chats: list[UUID]) -> list[tuple[UUID, int, datetime, str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(RECENT, {"user": user_id, "chats": chats, "limit": MAX_MESSAGES})
        found: list[tuple[UUID, int, datetime, str, bool]] = cursor.fetchall()
        return found
