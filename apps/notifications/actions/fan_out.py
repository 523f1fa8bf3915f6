"""From due pushes to deliveries: one for each device of the person."""

from django.db import connection, transaction

MAX_PUSHES_AT_ONCE = 500
# Exactly one side wins: a read that committed before leaves nothing pending here; one that
# commits after finds the row released. Devices of sessions that ended are skipped, also of one that
# ends just now: its lock is waited for, so that no delivery names a device that is gone.
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
    """Release pushes that are due; answers how many. Safe to run anywhere, any number at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Shorter than deadlock_timeout (1 s): against a sign-out, which deletes a person's devices
        # in another order, this gives way and is not the sign-out that fails.
        cursor.execute("SET LOCAL lock_timeout = '500ms'")
        cursor.execute(RELEASE, [MAX_PUSHES_AT_ONCE])
        rows = cursor.fetchall()
        alone = [id_ for id_, reachable in rows if not reachable]
        if alone:
            cursor.execute(FAIL_WITHOUT_DEVICE, [alone])
    return len(rows)
