"""Counts the messages of a day without reading any.

PostgreSQL counts the rows that were ever inserted into a table. A worker looks at that number every
minute, and adds the difference to the day. An exact counter would be a row that all sends lock.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from apps.chats.models import MessageDay

# As of some seconds ago. It also has rows of transactions that were rolled back, and begins at 0
# again after a crash of PostgreSQL, and on a replica that becomes the primary.
INSERTED = "SELECT pg_stat_get_tuples_inserted('chats_message'::regclass)"

ADD_TO_DAYS = """
INSERT INTO chats_messageday (day, sent, counter) SELECT day, n, 0
FROM unnest(%s::date[], %s::bigint[]) AS d (day, n) ORDER BY day
ON CONFLICT (day) DO UPDATE SET sent = chats_messageday.sent + excluded.sent
"""


@transaction.atomic
def count_messages() -> None:
    """Add the messages since the last call to today's. Safe to run concurrently anywhere."""
    today = timezone.localdate()
    last = MessageDay.objects.order_by("-day").select_for_update().first()
    # Under the lock: a number from before another worker's would look like one that began again.
    counter = _inserted()
    if last is None:
        MessageDay.objects.bulk_create(
            [MessageDay(day=today, counter=counter)], ignore_conflicts=True
        )
        return
    new = counter - last.counter if counter >= last.counter else counter
    left_out = min(new, last.skipped)
    if last.day != today:
        last = MessageDay(day=today, skipped=last.skipped)
    last.skipped -= left_out
    last.sent += new - left_out
    last.counter = counter
    last.save()


def count_past(moments: Iterable[datetime]) -> None:
    """Count entries that an import writes on the days that they are of, not on today. Call it at
    the end of the transaction that writes them."""
    days: Counter[date] = Counter(timezone.localdate(moment) for moment in moments)
    last = MessageDay.objects.order_by("-day").select_for_update().first()
    if last is None:
        # The first look at the number takes in what was inserted before it.
        MessageDay.objects.bulk_create(
            [MessageDay(day=timezone.localdate(), counter=_inserted())], ignore_conflicts=True
        )
        last = MessageDay.objects.order_by("-day").select_for_update()[0]
    # Entries of the last day and later are counted by the next look.
    past = {day: n for day, n in days.items() if day < last.day}
    last.skipped += sum(past.values())
    last.save(update_fields=["skipped"])
    with connection.cursor() as cursor:
        cursor.execute(ADD_TO_DAYS, [list(past), list(past.values())])


def _inserted() -> int:
    with connection.cursor() as cursor:
        cursor.execute(INSERTED)
        number: int
        [number] = cursor.fetchone()
    return number
