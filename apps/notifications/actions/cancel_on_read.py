"""Cancels pending pushes and clears shown notifications when a chat is read.

Runs in the transaction that moves the read position.
"""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from django.db import connection, transaction

from apps.core.reads import bigints
from apps.notifications.actions.timers import wake

# Locks rows in the same order as `decide`, so that the two never deadlock: all of them in one
# statement, by person and chat.
# - `shown`: messages that a visible tab received count as read here. A push that only they cancel
#   gets the reason `visible`.
# - A pending run that was read in part stays pending, and is now due at its last message's time.
# - A push that a worker has released is closed, too, and marked `late`: it may still arrive.
CLOSE_READ = """
WITH held AS (
    SELECT p.id, r.seen, p.last_seq > r.read AS shown
    FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[])
        AS r (user_id, chat_id, seen, read)
    JOIN notifications_push p ON p.user_id = r.user_id AND p.chat_id = r.chat_id AND p.open
    WHERE p.first_seq <= r.seen AND p.read_seq < r.seen
    ORDER BY p.user_id, p.chat_id, p.id FOR NO KEY UPDATE OF p
)
UPDATE notifications_push p
SET read_seq = h.seen,
    open = p.last_seq > h.seen,
    state = CASE WHEN p.state = 'pending' AND p.last_seq <= h.seen THEN 'cancelled'
                 ELSE p.state END,
    reason = CASE WHEN p.state = 'pending' AND p.last_seq <= h.seen AND h.shown THEN 'visible'
                  ELSE p.reason END,
    late = p.state = 'released' AND p.last_seq <= h.seen,
    due_at = CASE WHEN p.state = 'pending' THEN p.newest_due_at ELSE p.due_at END,
    ended_at = CASE WHEN p.state = 'pending' AND p.last_seq <= h.seen THEN clock_timestamp()
                    ELSE p.ended_at END
FROM held h WHERE p.id = h.id
RETURNING p.id, p.open OR p.state IN ('cancelled', 'failed')
"""
# A device shows one notification per chat, so one clear removes it, however many pushes a read
# closes. Apple's devices require every push to show something; there the notification stays.
# FOR KEY SHARE waits for a session that is just ending, so that no delivery names a deleted device.
INSERT_CLEARS = """
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
JOIN notifications_subscription device ON device.id = shown.subscription_id
FOR KEY SHARE OF device
"""


# By (person, chat), a seq.
Positions = Mapping[tuple[UUID, UUID], int]


def read_up_to(read: Positions, *, shown: Positions = MappingProxyType({})) -> None:
    """Cancel pending pushes and clear notifications of chats that people have read up to a seq.

    `shown`: the messages up to this seq reached a client that the person is looking at; pushes
    treat them as read. Call it inside the transaction that moves the read positions, once for all
    of them.
    """
    keys = sorted({*read, *shown})
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE_READ,
            [
                [person for person, _ in keys],
                [chat for _, chat in keys],
                bigints(max(read.get(key, 0), shown.get(key, 0)) for key in keys),
                bigints(read.get(key, 0) for key in keys),
            ],
        )
        to_clear = [id_ for id_, keep in cursor.fetchall() if not keep]
    if to_clear:
        clear_shown(to_clear)


def clear_shown(pushes: list[UUID]) -> None:
    """Queue a clear for every device that shows a notification of these pushes."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT_CLEARS, [pushes])
        if cursor.rowcount:
            transaction.on_commit(wake, robust=True)
