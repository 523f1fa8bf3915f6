"""Which rule counts in a chat, and what it would delete."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from apps.chats.models import Chat, Message
from apps.core.reads import rows_of
from apps.retention.models import InstallationRule
from apps.retention.queries.holds import COVERS

# One entry of each chat by primary key: its first one tells whether anything is old enough. A chat
# is looked at once a day, so that its members' devices hear of it once a day. The longest
# overdue comes first: by any other order, some would never be cut where more are due than one pass
# begins.
# The first condition spares reading the entries of chats without a rule.
DUE = f"""
SELECT c.id, r.days FROM chats_chat c
CROSS JOIN LATERAL (SELECT least(nullif(%(all)s::int, 0),
    CASE WHEN c.keep_days > 0 AND c.keep_days_from <= clock_timestamp()
        THEN c.keep_days END) AS days) r
JOIN chats_message m ON m.chat_id = c.id AND m.seq = c.kept_from
WHERE (%(all)s > 0 OR c.keep_days > 0)
    AND m.created_at < clock_timestamp() - r.days * interval '1 day'
    AND NOT {COVERS.format(chat="c.id")}
    AND NOT EXISTS (SELECT FROM retention_deletionreceipt d WHERE d.chat_id = c.id
        AND (d.rows_deleted_at IS NULL
            OR d.kind = 'retention' AND d.begun_at > now() - interval '20 hours'))
ORDER BY m.created_at + r.days * interval '1 day', c.id LIMIT %(limit)s
"""  # noqa: S608  constants only


class Rule(NamedTuple):
    """The rule of a chat: its own days (0: none) and from when on they count, those of the
    installation, and those in force now: the fewer; 0: everything is kept."""

    own_days: int
    own_from: datetime | None
    installation_days: int
    days: int


def rule_of(chat: Chat) -> Rule:
    """The rule of a chat."""
    now = timezone.now()
    counts = chat.keep_days if chat.keep_days_from and chat.keep_days_from <= now else 0
    shared = installation_days()
    days = min((each for each in (counts, shared) if each), default=0)
    return Rule(chat.keep_days, chat.keep_days_from, shared, days)


def installation_days() -> int:
    """The days of RETENTION_DAYS that count now; 0: none."""
    row = InstallationRule.objects.filter(counts_from__lte=timezone.now()).first()
    return row.days if row else 0


def first_kept(chat: Chat, days: int) -> int:
    """The first seq that a rule of so many days would keep. Times never go back in a chat."""
    since = timezone.now() - timedelta(days=days)
    later = Message.objects.filter(chat_id=chat.id, created_at__gte=since)
    seq = later.order_by("created_at", "seq").values_list("seq", flat=True).first()
    return chat.last_seq + 1 if seq is None else seq


def due_chats(*, limit: int) -> list[tuple[UUID, int]]:
    """Chats whose first entry is too old, with the days in force; the longest overdue first."""
    return [
        (chat, days) for chat, days in rows_of(DUE, {"all": installation_days(), "limit": limit})
    ]
