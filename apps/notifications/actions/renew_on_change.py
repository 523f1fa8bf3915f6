"""Renews shown notifications when a message in them is deleted, hidden or edited: a notification
must not go on showing what its author or a moderator took away.

Runs in the transaction that changes the message.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.notifications.actions.timers import wake

# Renewals of one notification before each waits for a minute.
MOST_AT_ONCE = 5
# All open pushes with one of the messages, in the order in which `decide` locks pushes. A claim
# locks the push with its delivery: until the commit no worker makes a push of the text of before.
# What one has claimed is seen by `INSERT_RENEWALS`, which is a statement of its own for that.
LOCK_PUSHES = """
SELECT p.id FROM notifications_push p
WHERE p.user_id = ANY(%(people)s) AND p.chat_id = %(chat)s AND p.open
    AND EXISTS (
        SELECT FROM unnest(%(seqs)s::bigint[]) AS rewritten (seq)
        WHERE rewritten.seq BETWEEN p.first_seq AND p.last_seq)
ORDER BY p.user_id, p.chat_id, p.id FOR NO KEY UPDATE OF p
"""
# Every device that shows the run with the message, or is just being sent it. A notification shows
# the newest message of its run, so a run that reaches the message `before` does not show this one:
# it is renewed only for a message that is gone, which it counts. A waiting delivery is
# made when it is sent, so one of them is enough for any number of deletions. Rows are inserted in
# the order in which `decide` locks pushes. Somebody who edits a message again and again wakes
# a device once a minute. FOR KEY SHARE: see `cancel_on_read`.
INSERT_RENEWALS = """
INSERT INTO notifications_delivery (id, push_id, subscription_id, device, host, kind, state,
    due_at, created_at)
SELECT gen_random_uuid(), shown.push_id, shown.subscription_id, shown.device, shown.host, 'renew',
    'waiting', now() + CASE WHEN (
        SELECT count(*) FROM notifications_delivery r
        WHERE r.push_id = shown.push_id AND r.subscription_id = shown.subscription_id
            AND r.kind = 'renew') < %(most)s THEN interval '0' ELSE interval '1 minute' END,
    clock_timestamp()
FROM (
    SELECT DISTINCT p.user_id, p.id AS push_id, d.subscription_id, d.device, d.host
    FROM notifications_push p JOIN notifications_delivery d ON d.push_id = p.id
    WHERE p.user_id = ANY(%(people)s) AND p.chat_id = %(chat)s AND p.open
        AND p.state IN ('released', 'sent') AND %(seq)s BETWEEN p.first_seq AND p.last_seq
        AND (%(before)s::bigint IS NULL OR p.last_seq < %(before)s)
        AND d.kind = 'show' AND d.subscription_id IS NOT NULL
        AND (d.state = 'sent' OR d.state = 'waiting' AND d.claimed_at IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM notifications_delivery r
            WHERE r.push_id = p.id AND r.subscription_id = d.subscription_id
                AND r.kind = 'renew' AND r.state = 'waiting' AND r.claimed_at IS NULL)) shown
JOIN notifications_subscription device ON device.id = shown.subscription_id
ORDER BY shown.user_id, shown.push_id, shown.subscription_id
FOR KEY SHARE OF device
"""


def renew_shown(people: Iterable[UUID], chat_id: UUID, rewritten: Mapping[int, int | None]) -> None:
    """Queue a renewal for every device of these people that shows one of the rewritten messages of
    the chat (seqs); with a seq as its value, only where no message from that one on is shown
    instead. Pushes that are not being sent yet wait for the commit."""
    asked: dict[str, Any] = {"people": [*people], "chat": chat_id}
    inserted = 0
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PUSHES, asked | {"seqs": [*rewritten]})
        if not cursor.rowcount:
            return
        for seq, before in rewritten.items():
            cursor.execute(
                INSERT_RENEWALS, asked | {"seq": seq, "before": before, "most": MOST_AT_ONCE}
            )
            inserted += cursor.rowcount
    if inserted:
        transaction.on_commit(wake, robust=True)
