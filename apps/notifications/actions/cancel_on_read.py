"""A read takes back what it was to be told of, in the read's own transaction."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from django.db import connection, transaction

from apps.notifications.actions.timers import wake

# Rows are locked in the order in which `decisions` takes them, so that the two never deadlock:
# all of them in one statement, by person and chat. What came where the person looks counts as
# read; that it was not is the reason that is kept.
# A run that is read in part waits for the rest: from now on, its last message's own time.
# What was claimed already is closed all the same; that nobody saw it end is the late case.
CLOSE = """
WITH held AS (
    SELECT p.id, r.read, p.last_seq > r.really AS looked
    FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[])
        AS r (user_id, chat_id, read, really)
    JOIN notifications_push p ON p.user_id = r.user_id AND p.chat_id = r.chat_id AND p.open
    WHERE p.first_seq <= r.read AND p.read_seq < r.read
    ORDER BY p.user_id, p.chat_id, p.id FOR NO KEY UPDATE OF p
)
UPDATE notifications_push p
SET read_seq = h.read,
    open = p.last_seq > h.read,
    state = CASE WHEN p.state = 'pending' AND p.last_seq <= h.read THEN 'cancelled'
                 ELSE p.state END,
    reason = CASE WHEN p.state = 'pending' AND p.last_seq <= h.read AND h.looked THEN 'visible'
                  ELSE p.reason END,
    late = p.state = 'released' AND p.last_seq <= h.read,
    due_at = CASE WHEN p.state = 'pending' THEN p.newest_due_at ELSE p.due_at END,
    ended_at = CASE WHEN p.state = 'pending' AND p.last_seq <= h.read THEN clock_timestamp()
                    ELSE p.ended_at END
FROM held h WHERE p.id = h.id
RETURNING p.id, p.open OR p.state IN ('cancelled', 'failed')
"""
# However many pushes a read closes, a device shows one notification of a chat: one clear takes it
# away. Some devices are promised that every push shows something; there a notification stays.
# A device whose session ends just now is waited for, so that no delivery names one that is gone.
CLEAR = """
INSERT INTO notifications_delivery (id, push_id, subscription_id, device, host, kind, state,
    due_at, created_at)
SELECT gen_random_uuid(), shown.push_id, shown.subscription_id, shown.device, shown.host, 'clear',
    'waiting', now(), clock_timestamp()
FROM (
    SELECT DISTINCT ON (p.user_id, p.chat_id, s.id) d.push_id, d.subscription_id, d.device, d.host
    FROM notifications_delivery d
    JOIN notifications_push p ON p.id = d.push_id
    JOIN notifications_subscription s ON s.id = d.subscription_id
    WHERE d.push_id = ANY (%s) AND d.kind = 'show' AND d.state = 'sent'
        AND s.host NOT LIKE '%%.push.apple.com'
        AND NOT EXISTS (
            SELECT 1 FROM notifications_delivery c
            WHERE c.push_id = d.push_id AND c.subscription_id = s.id AND c.kind = 'clear')
    ORDER BY p.user_id, p.chat_id, s.id, p.last_seq DESC) shown
JOIN notifications_subscription kept ON kept.id = shown.subscription_id
FOR KEY SHARE OF kept
"""


Places = Mapping[tuple[UUID, UUID], int]


def read_up_to(read: Places, *, shown: Places = MappingProxyType({})) -> None:
    """Each (person, chat) has been read up to a seq: cancel what waits, clear what is shown.

    `shown`: it has come, up to a seq, to a client that the person is looking at: as if it were
    read, as far as pushes go. Call it inside the transaction that moves the read position, once
    for all that it moves.
    """
    places = sorted({*read, *shown})
    if not places:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE,
            [
                [person for person, _ in places],
                [chat for _, chat in places],
                [max(read.get(place, 0), shown.get(place, 0)) for place in places],
                [read.get(place, 0) for place in places],
            ],
        )
        told = [id_ for id_, still in cursor.fetchall() if not still]
    if told:
        clear_shown(told)


def clear_shown(pushes: list[UUID]) -> None:
    """Have the notifications of these pushes taken away wherever they were sent."""
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, [pushes])
        if cursor.rowcount:
            transaction.on_commit(wake, robust=True)
