"""Counts the messages of a day without reading any.

PostgreSQL counts the rows that were ever inserted into a table. A worker looks at that number every
minute, and adds the difference to the day. An exact counter would be a row that all sends lock.
"""

from django.db import connection, transaction
from django.utils import timezone

from apps.chats.models import MessageDay

# As of some seconds ago. It also has rows of transactions that were rolled back, and begins at 0
# again after a crash of PostgreSQL, and on a replica that becomes the primary.
INSERTED = "SELECT pg_stat_get_tuples_inserted('chats_message'::regclass)"


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
    if last.day != today:
        last = MessageDay(day=today)
    last.sent += new
    last.counter = counter
    last.save()


def _inserted() -> int:
    with connection.cursor() as cursor:
        cursor.execute(INSERTED)
        number: int
        [number] = cursor.fetchone()
    return number
