"""Counts the replies of each thread on its first message.

Counts a few threads of one chat at a time, under its lock and new revisions, so that clients which
hold these messages receive them again. A reply that a server of the former release sends meanwhile
may not be counted, until a reply of its thread is deleted. Safe to run again.
"""

from django.db import migrations, transaction

# Threads of a chat that are counted at once: meanwhile nobody can write in it.
CHUNK = 200
# Both read the index message_threads.
NEXT_CHAT = """
SELECT chat_id FROM chats_message
WHERE thread IS NOT NULL AND chat_id > %s ORDER BY chat_id LIMIT 1
"""
THREADS = """
SELECT thread, count(*) FILTER (WHERE deleted_at IS NULL),
    max(created_at) FILTER (WHERE deleted_at IS NULL)
FROM chats_message WHERE chat_id = %s AND thread > %s GROUP BY thread ORDER BY thread LIMIT %s
"""
LOCK = "SELECT rev FROM chats_chat WHERE id = %s FOR UPDATE"
COUNT = """
UPDATE chats_message SET rev = %s, replies = %s, last_reply_at = %s
WHERE chat_id = %s AND seq = %s AND replies <> %s
"""
HEAD = "UPDATE chats_chat SET rev = %s WHERE id = %s"


def count(apps, schema_editor):
    connection = schema_editor.connection
    chat = "00000000-0000-0000-0000-000000000000"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(NEXT_CHAT, [chat])
            found = cursor.fetchone()
        if found is None:
            return
        [chat] = found
        last = 0
        while last is not None:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                last = count_threads(cursor, chat, last)


def count_threads(cursor, chat, last):
    """Count the threads after `last`. Returns the last one that was counted; None: all were."""
    cursor.execute(LOCK, [chat])
    found = cursor.fetchone()
    cursor.execute(THREADS, [chat, last, CHUNK])
    threads = cursor.fetchall()
    if found is None or not threads:
        return None
    (rev,) = found
    for seq, replies, at in threads:
        cursor.execute(COUNT, [rev + 1, replies, at, chat, seq, replies])
        rev += cursor.rowcount
    cursor.execute(HEAD, [rev, chat])
    return threads[-1][0]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chats", "0023_marks_and_read_times")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop, elidable=True)]
