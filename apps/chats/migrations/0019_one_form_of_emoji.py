"""Merges reactions that differ only in variation selectors: 👍 with and without U+FE0F.

Reads the reactions in slices by their primary key, and changes a few of one chat at a time, under
its lock and new revisions, so that clients which hold these messages receive them again. What a
server of the former release writes meanwhile is not merged, nor what would be too long. Safe to run
again.
"""

import regex
from django.db import migrations, transaction

SLICE = 5_000
# Rows of a chat that are changed at once: meanwhile nobody can write in it.
CHUNK = 200
MAX_LENGTH = 64
# As `apps.core.emoji.fully_qualified` was when this was written.
SELECTORS = regex.compile("[\ufe0e\ufe0f]")
TEXT_LIKE = regex.compile(
    r"([\p{Extended_Pictographic}--\p{Emoji_Presentation}]|[0-9#*](?=\u20e3))(?!\p{Emoji_Modifier})",
    regex.V1,
)
NEXT = """
SELECT chat_id, seq, user_id, emoji FROM chats_reaction
WHERE (chat_id, seq, user_id, emoji) > (%s, %s, %s, %s)
ORDER BY chat_id, seq, user_id, emoji LIMIT %s
"""
LOCK = "SELECT rev FROM chats_chat WHERE id = %s FOR UPDATE"
# The earlier of two equal reactions of a person stays.
PUT = """
INSERT INTO chats_reaction (chat_id, seq, user_id, emoji, at)
SELECT chat_id, seq, user_id, %s, at FROM chats_reaction
WHERE (chat_id, seq, user_id, emoji) = (%s, %s, %s, %s)
ON CONFLICT (chat_id, seq, user_id, emoji)
    DO UPDATE SET at = least(chats_reaction.at, excluded.at)
"""
DROP = "DELETE FROM chats_reaction WHERE (chat_id, seq, user_id, emoji) = (%s, %s, %s, %s)"
RENEW = "UPDATE chats_message SET rev = %s WHERE chat_id = %s AND seq = %s"
HEAD = "UPDATE chats_chat SET rev = %s WHERE id = %s"


def one_form(emoji):
    return TEXT_LIKE.sub("\\1\ufe0f", SELECTORS.sub("", emoji))


def merge(apps, schema_editor):
    connection = schema_editor.connection
    zero = "00000000-0000-0000-0000-000000000000"
    last = (zero, 0, zero, "")
    while True:
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [*last, SLICE])
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1]
        others = {}
        for row in rows:
            if row[3] != one_form(row[3]) and len(one_form(row[3])) <= MAX_LENGTH:
                others.setdefault(row[0], []).append(row)
        for chat, changed in others.items():
            for start in range(0, len(changed), CHUNK):
                with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                    merge_chat(cursor, chat, changed[start : start + CHUNK])


def merge_chat(cursor, chat, rows):
    cursor.execute(LOCK, [chat])
    found = cursor.fetchone()
    for row in rows:
        cursor.execute(PUT, [one_form(row[3]), *row])
        cursor.execute(DROP, row)
    if found is None:
        return
    (rev,) = found
    for seq in sorted({seq for _, seq, _, _ in rows}):
        rev += 1
        cursor.execute(RENEW, [rev, chat, seq])
    cursor.execute(HEAD, [rev, chat])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chats", "0018_message_days")]

    operations = [migrations.RunPython(merge, migrations.RunPython.noop, elidable=True)]
