"""Turns due pushes into deliveries, one for each device of the person."""

from django.db import connection, transaction

MAX_PUSHES_AT_ONCE = 500
# A read that committed before this has cancelled the push; a later one finds it released.
# Skips subscriptions of ended sessions. FOR KEY SHARE waits for a session that is just ending, so
# that no delivery names a deleted device.
RELEASE = """
WITH due AS (
    SELECT id FROM notifications_push WHERE state = 'pending' AND due_at <= clock_timestamp()
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
), released AS (
    UPDATE notifications_push p SET state = 'released' FROM due WHERE p.id = due.id
    RETURNING p.id, p.user_id, p.due_at
), devices AS (
    INSERT INTO notifications_delivery (id, push_id, subscription_id, device, host, kind, state,
        due_at, created_at)
    SELECT gen_random_uuid(), r.id, s.id, s.name, s.host, 'show', 'waiting', r.due_at,
        clock_timestamp()
    FROM released r
    JOIN notifications_subscription s ON s.user_id = r.user_id
    JOIN accounts_session x ON x.session_key = s.session_id AND x.expire_date > now()
    JOIN accounts_user u ON u.id = r.user_id AND u.is_active
    FOR KEY SHARE OF s
    RETURNING push_id
)
SELECT r.id, EXISTS (SELECT 1 FROM devices d WHERE d.push_id = r.id) FROM released r
"""
FAIL_WITHOUT_DEVICE = """
UPDATE notifications_push SET state = 'failed', reason = 'no_device', ended_at = clock_timestamp()
WHERE id = ANY (%s)
"""


def release_due() -> int:
    """Release due pushes. Returns how many. Any number of workers may run it at the same time."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Shorter than deadlock_timeout (1 s). A sign-out deletes a person's devices in another
        # order; this way the release gives way, and the sign-out does not fail.
        cursor.execute("SET LOCAL lock_timeout = '500ms'")
        cursor.execute(RELEASE, [MAX_PUSHES_AT_ONCE])
        rows = cursor.fetchall()
        unreachable = [id_ for id_, reachable in rows if not reachable]
        if unreachable:
            cursor.execute(FAIL_WITHOUT_DEVICE, [unreachable])
    return len(rows)
