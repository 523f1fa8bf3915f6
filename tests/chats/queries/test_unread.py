"""What counts as unread: one definition for lists, filters and notifications (decision 0080)."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.chats.actions import keywords
from apps.chats.models import Chat, Member, Message
from apps.chats.queries import chat_list, gaps, notices
from apps.core.identifiers import new_id
from apps.notifications.models import Preferences
from tests.chats.factories import write
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]

# Also read by tests/client/js/unread.test.js.
TABLE = json.loads((Path(__file__).parents[1] / "unread.json").read_text())


def fill(chat, *, sender, reader, other, entries, read):
    """Entries of the table, in a chat that had none."""
    Message.objects.filter(chat_id=chat).delete()
    Preferences.objects.create(user=reader, keywords=["deploy"])
    Preferences.objects.create(user=other, keywords=["text"])
    named = {"@me": reader.id, "@other": other.id}
    for seq, words in enumerate(entries, start=1):
        kind, *more = words.split()
        Message.objects.create(
            chat_id=chat,
            seq=seq,
            rev=seq,
            id=new_id(),
            kind=kind,
            sender_id=sender.id,
            client_id=new_id(),
            text=words,
            created_at=timezone.now(),
            mentions=[named[one] for one in more if one in named] or None,
            mentions_all="@all" in more,
            keyword_of=keywords.members_who_want(chat, sender.id, words),
            deleted_at=timezone.now() if "deleted" in more else None,
        )
    Chat.objects.filter(id=chat).update(last_seq=len(entries), rev=len(entries))
    Member.objects.filter(chat=chat, user=reader).update(read_seq=read)


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["name"])
def test_all_places_agree_what_is_unread(case, crew, alice, bob, charlie):
    entries, read, unread = case["entries"], case["read"], case["unread"]
    fill(crew, sender=alice, reader=bob, other=charlie, entries=entries, read=read)
    [chat] = chat_list.by_ids(bob.id, [crew])
    uncounted, mentioned = case.get("uncounted", []), case.get("mentioned", [])
    assert (chat.unread, chat.uncounted, chat.mentioned) == (unread, uncounted, mentioned)

    gap = gaps.gap(bob.id, crew)
    assert (gap.uncounted, gap.mentioned) == (uncounted, mentioned)

    def is_listed(**filters):
        return bool(chat_list.page(bob.id, before=None, limit=5, filters=filters))

    assert (is_listed(unread=True), is_listed(unread=False)) == (unread > 0, unread == 0)
    has_mention = bool(mentioned)
    assert (is_listed(mentioned=True), is_listed(mentioned=False)) == (has_mention, not has_mention)

    notice = notices.describe(bob.id, crew, first=1, last=len(entries))
    # No push tells of an entry without words: it has no notice of its own.
    if entries != ["accepted"]:
        assert (notice.count if notice else 0) == unread
        assert (notice.seq if notice else None) == case["first"]


def test_a_marked_chat_is_unread_without_a_message(crew, bob):
    Member.objects.filter(chat=crew, user=bob).update(marked_unread=True)
    [chat] = chat_list.page(bob.id, before=None, limit=5, filters={"unread": True})
    assert chat.unread == 0


def test_own_messages_are_not_unread(crew, alice, bob):
    write(alice, crew, "@all one")
    write(bob, crew, "@all two")
    [chat] = chat_list.by_ids(bob.id, [crew])
    assert (chat.unread, chat.uncounted, chat.mentioned) == (0, [], [])
    [chat] = chat_list.by_ids(alice.id, [crew])
    assert (chat.unread, chat.mentioned) == (1, [])


def test_unread_messages_are_not_read_to_be_counted(crew, alice, bob):
    for _ in range(300):
        write(alice, crew)
    with connection.cursor() as cursor:
        # Statistics of an empty table make any plan as good as another.
        cursor.execute("ANALYZE chats_message, chats_member, chats_chat")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + chat_list.CHATS, {"user": bob.id})
        plan = json.dumps(cursor.fetchone()[0])
    for index in ("message_uncounted", "message_mentions", "message_keywords"):
        assert f'"Index Name": "{index}"' in plan, index
