"""What a digest tells of a person's chats: unread messages that notify them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext, override
from msgspec.structs import replace

from apps.accounts.queries.profiles import FORMER_NAME
from apps.chats.file_labels import GIF, file_line
from apps.chats.mention_names import with_names
from apps.chats.plain_text import plain_text
from apps.chats.queries.notification_preferences import of_person
from apps.contacts.queries.people import blocked_by
from apps.core.graphemes import cut
from apps.notifications.digest_content import Excerpt, UnreadChat
from apps.notifications.rules import (
    MAX_KEYWORD_TEXT,
    PUSH_REASONS,
    ChatPreferences,
    DoNotDisturb,
    Reason,
    decide,
)

# Of more unread chats, those with older messages are for the next digest.
MAX_CHATS = 50
# Stop counting here, as notifications do.
MAX_COUNTED = 1000
# How many of the newest messages of a chat are looked at, and how many more that mention the
# person, among the newest that mention anybody.
MAX_LOOKED_AT = 50
MAX_MENTIONS = 20
MAX_MENTIONING = 1000
MAX_EXCERPTS = 5
MAX_SENDERS = 5
MAX_TEXT_LENGTH = 240
# Of one text. Marks of markup are left out, and keywords are looked for.
MAX_READ = max(4 * MAX_TEXT_LENGTH, MAX_KEYWORD_TEXT)

# A message `x` that may be told of: no own one, none that is deleted or hidden, none of somebody
# whom the person has blocked.
TOLD = """x.kind = 'text' AND x.deleted_at IS NULL AND x.sender_id <> %(user)s
    AND x.sender_id <> ALL (%(blocked)s::uuid[])"""
# Of the person in this table.
NAME = """CASE WHEN {0}.erased_at IS NULL THEN coalesce(nullif({0}.name, ''), {0}.username, '')
    ELSE %(former)s END"""
CHATS = f"""
SELECT c.id, c.kind, c.title, {NAME.format("other")}, c.last_seq,
    begin.seq, first.seq, (
        SELECT count(*) FROM (
            SELECT 1 FROM chats_message x
            WHERE x.chat_id = c.id AND x.seq > begin.seq AND {TOLD}
            LIMIT %(max_counted)s) counted)
FROM chats_member my
JOIN chats_chat c ON c.id = my.chat_id
LEFT JOIN notifications_digestposition position
    ON %(told)s AND position.user_id = my.user_id AND position.chat_id = c.id
LEFT JOIN accounts_user other
    ON other.id = CASE WHEN c.low = my.user_id THEN c.high ELSE c.low END
CROSS JOIN LATERAL (SELECT greatest(my.read_seq, coalesce(position.seq, 0)) AS seq) begin
CROSS JOIN LATERAL (
    SELECT x.seq FROM chats_message x WHERE x.chat_id = c.id AND x.seq > my.read_seq AND {TOLD}
    ORDER BY x.seq LIMIT 1) first
WHERE my.user_id = %(user)s AND my.left_rev IS NULL AND c.id = ANY (%(chats)s::uuid[])
    AND c.last_seq > begin.seq
ORDER BY c.active_at DESC, c.id LIMIT {MAX_CHATS}
"""  # noqa: S608  constants only
# Both parts by primary key, or the index message_mentions.
MESSAGES = f"""
SELECT x.chat_id, x.created_at, {NAME.format("sender")},
    left(x.text, {MAX_READ}),
    ARRAY(SELECT CASE WHEN (f ->> 'animated')::boolean THEN '{GIF}' ELSE f ->> 'kind' END
        FROM jsonb_array_elements(x.files) f),
    coalesce(x.files -> 0 ->> 'name', ''),
    x.mentions_all OR coalesce(%(user)s = ANY (x.mentions), false),
    ARRAY(SELECT ARRAY[lower(u.username), coalesce(nullif(u.name, ''), u.username)]
        FROM accounts_user u WHERE u.id = ANY (x.mentions) AND u.username <> '')
FROM unnest(%(chats)s::uuid[], %(begins)s::bigint[]) AS asked (chat, begin)
CROSS JOIN LATERAL (
    (SELECT x.seq FROM chats_message x
    WHERE x.chat_id = asked.chat AND x.seq > asked.begin AND {TOLD}
    ORDER BY x.seq DESC LIMIT {MAX_LOOKED_AT})
    UNION
    (SELECT y.seq FROM (
        SELECT x.seq, x.mentions, x.mentions_all FROM chats_message x
        WHERE x.chat_id = asked.chat AND x.seq > asked.begin AND {TOLD}
            AND (x.mentions IS NOT NULL OR x.mentions_all)
        ORDER BY x.seq DESC LIMIT {MAX_MENTIONING}) y
    WHERE y.mentions_all OR %(user)s = ANY (y.mentions)
    ORDER BY y.seq DESC LIMIT {MAX_MENTIONS})
) found
JOIN chats_message x ON x.chat_id = asked.chat AND x.seq = found.seq
JOIN accounts_user sender ON sender.id = x.sender_id
ORDER BY x.chat_id, x.seq
"""  # noqa: S608  constants only


class _Chat(NamedTuple):
    """A row of `CHATS`. `begin`: what comes after it is read."""

    id: UUID
    kind: str
    title: str
    other: str
    last: int
    begin: int
    first: int
    total: int


class _Message(NamedTuple):
    """A row of `MESSAGES`."""

    chat: UUID
    at: datetime
    sender: str
    text: str
    kinds: Sequence[str]
    file_name: str
    mentioned: bool
    # Of the people it mentions: the username in lower case, and the name.
    names: Sequence[tuple[str, str]]


def unread_chats(user_id: UUID, *, locale: str, texts: bool, told: bool) -> list[UnreadChat]:
    """See `notifications.digest_content`. Four queries, however many chats there are."""
    # A digest disturbs nobody: only levels and mutes decide.
    preferences = {
        chat: replace(member.preferences, do_not_disturb=DoNotDisturb())
        for chat, member in of_person(user_id).items()
    }
    asked: dict[str, Any] = {"user": user_id, "blocked": list(blocked_by(user_id)), "told": told}
    asked["max_counted"] = MAX_COUNTED
    with override(locale):
        asked["former"] = gettext(FORMER_NAME)
    with connection.cursor() as cursor:
        cursor.execute(CHATS, asked | {"chats": list(preferences)})
        chats = [_Chat._make(row) for row in cursor.fetchall()]
        ends = {"chats": [c.id for c in chats], "begins": [c.begin for c in chats]}
        cursor.execute(MESSAGES, asked | ends)
        messages: dict[UUID, list[_Message]] = {chat.id: [] for chat in chats}
        for row in map(_Message._make, cursor.fetchall()):
            messages[row.chat].append(row)
    now = timezone.now()
    found = [
        _unread_chat(chat, wanted, preferences[chat.id], texts=texts, locale=locale)
        for chat in chats
        if (wanted := _notifying(messages[chat.id], preferences[chat.id], now))
    ]
    # The order of the newest messages stays among those with and without mentions.
    return sorted(found, key=lambda chat: not chat.mentions)


def _notifying(
    messages: Sequence[_Message], preferences: ChatPreferences, now: datetime
) -> list[_Message]:
    return [
        one
        for one in messages
        if decide(preferences, text=one.text, mentioned=one.mentioned, now=now) in PUSH_REASONS
    ]


def _unread_chat(
    chat: _Chat,
    wanted: Sequence[_Message],
    preferences: ChatPreferences,
    *,
    texts: bool,
    locale: str,
) -> UnreadChat:
    every = decide(preferences, text="", mentioned=False, now=timezone.now()) is Reason.ALL
    count = chat.total if every else len(wanted)
    mentions = [one for one in wanted if one.mentioned]
    quoted = mentions[-MAX_EXCERPTS:]
    others = [one for one in wanted if not one.mentioned]
    quoted += others[max(0, len(others) - MAX_EXCERPTS + len(quoted)) :]
    return UnreadChat(
        chat=chat.id,
        title=chat.other if chat.kind == "direct" else chat.title,
        first=chat.first,
        last=chat.last,
        count=count,
        counted_all=count < (MAX_COUNTED if every else MAX_LOOKED_AT),
        mentions=len(mentions),
        senders=list(dict.fromkeys(one.sender for one in reversed(wanted)))[:MAX_SENDERS],
        excerpts=[
            Excerpt(one.sender, _text(one, locale), one.at, one.mentioned)
            for one in (quoted if texts else ())
        ],
    )


def _text(message: _Message, locale: str) -> str:
    words = with_names(plain_text(message.text).text, dict(message.names))
    text = file_line(words, message.kinds, message.file_name, language=locale)
    if len(text) > MAX_TEXT_LENGTH or len(message.text) >= MAX_READ:
        return cut(text, MAX_TEXT_LENGTH - 1).rstrip() + "…"
    return text
