"""The beginning of a chat is deleted: rows, what was derived from them, and what points there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.chats.actions import edits, expiry, hiding, link_index, reactions, saved
from apps.chats.actions.expiry import delete_part, enter_indexes
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.gateways.search import indexer
from apps.chats.models import Chat, Member, Message, Saved, Searchable
from apps.chats.queries import changes, chat_list, gaps, history
from apps.chats.queries.saved import messages_of
from apps.core.errors import NotFound
from apps.core.identifiers import new_id
from apps.files.models import File
from apps.wire import events
from tests.chats.factories import write
from tests.chats.test_erasure import places
from tests.support import uploads

pytestmark = pytest.mark.django_db
# In everything that is deleted, and in nothing else.
MARK = "bullfinch"


def reply(sender, chat, text, to):
    return validated_send(sender=sender.id, chat=chat, client_id=new_id(), text=text, reply_to=to)


def cut(chat, before, **given):
    enter_indexes(chat)
    return delete_part(chat, before=before, days=30, **given)


@pytest.fixture
def full(alice, bob, crew):
    """A group with a message that has everything, an answer to it, and a thread. Returns the seq of
    the first message and of the answer."""
    first = write(alice, crew, f"{MARK} https://{MARK}.example/a").seq
    hidden = write(alice, crew, f"{MARK} hidden").seq
    edits.edit_message(alice.id, crew, seq=first, text=f"{MARK} now https://{MARK}.example/b")
    reactions.add_reaction(bob.id, crew, seq=first, emoji="👍")
    saved.save_message(bob.id, crew, seq=first, saved=True)
    hiding.hide_message(crew, hidden)
    [answer] = send_batch([reply(bob, crew, "an answer", first)])
    indexer.catch_up_all_chats()
    link_index.catch_up([crew])
    return first, answer.seq


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_deleted_messages_is_left_in_any_table(full, alice, bob, crew):
    file = uploads.ready(alice, MARK.encode(), f"{MARK}.txt")
    write(alice, crew, files=[file])
    answer = write(bob, crew, "stays").seq
    indexer.catch_up_all_chats()
    before = places(MARK)
    assert {"chats_message.text", "chats_messageedit.text", "chats_searchable.search"} <= before
    assert {"chats_messagelink.url", "chats_hiddencontent.text", "files_file.name"} <= before
    part = cut(crew, answer)
    assert part.done
    assert (part.counts["messages"], part.counts["hidden"]) == (answer - 1, 1)
    assert part.files == [file]
    assert places(MARK) <= {"files_file.name", "files_file.body"}
    assert not File.objects.filter(uses__gt=0).exists()


def test_a_killed_deletion_loses_one_part_and_goes_on(alice, crew, monkeypatch):
    monkeypatch.setattr(expiry, "MAX_ENTRIES", 3)
    last = [write(alice, crew) for _ in range(6)][-1].seq
    one = cut(crew, last)
    assert not one.done
    assert Chat.objects.get(id=crew).kept_from == 4

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(expiry.uses, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            cut(crew, last)
    assert Chat.objects.get(id=crew).kept_from == 4
    assert Message.objects.filter(chat_id=crew).order_by("seq").first().seq == 4
    digest = one.digest
    while not one.done:
        one = cut(crew, last, digest=digest)
        digest = one.digest
    assert [each.seq for each in history.newest(crew, limit=50)] == [last]
    assert len(digest) == 64


def test_members_hear_of_it_and_a_cursor_from_before_reaches_the_head(
    full, bob, crew, captured_events
):
    _, answer = full
    since = Chat.objects.get(id=crew).rev - 2
    with captured_events() as published:
        cut(crew, answer)
    [told] = [each for each in published if isinstance(each.event, events.TitleChanged)]
    assert (told.to, told.event.kept_from, told.event.kept_days) == (crew, answer, 30)
    found = changes.since({crew: since})[crew]
    assert found.publications[-1].rev == Chat.objects.get(id=crew).rev
    gap = gaps.gap(bob.id, crew)
    assert (gap.kept_from, gap.kept_days, gap.messages[0].seq) == (answer, 30, answer)
    [seen] = chat_list.by_ids(bob.id, [crew])
    assert (seen.kept_from, seen.kept_days) == (answer, 30)


def test_deleted_messages_are_not_unread_and_not_saved(full, alice, bob, crew, captured_events):
    _, answer = full
    Member.objects.filter(chat_id=crew).update(read_seq=0)
    with captured_events() as published:
        cut(crew, answer)
    [seen] = chat_list.by_ids(alice.id, [crew])
    assert seen.unread == 1
    [told] = [each for each in published if isinstance(each.event, events.SavedChanged)]
    assert (told.to, told.event.saved) == (bob.id, False)
    assert not Saved.objects.filter(gone=False).exists()
    assert messages_of(bob.id) == ([], None)


def test_answers_to_deleted_messages_can_be_read_sent_and_deleted(full, alice, bob, crew):
    first, answer = full
    cut(crew, answer)
    [read] = history.newest(crew, limit=1)
    assert (read.seq, read.reply_to, read.quote) == (answer, first, None)
    sent = send_batch(
        [
            reply(bob, crew, "to one that is gone", first),
            reply(bob, crew, "to one of its thread", answer),
            reply(bob, crew, "to one that never was", 999),
        ]
    )
    assert isinstance(sent[2], NotFound)
    gone, there = history.newest(crew, limit=3)[:2][0], history.newest(crew, limit=2)
    assert {each.thread for each in there} == {None, answer}
    assert gone.seq == answer
    before = Chat.objects.get(id=crew).rev
    edits.delete_message(bob.id, crew, seq=answer)
    # Every revision is stored in a row.
    assert Chat.objects.get(id=crew).rev == before + 1


def test_all_of_a_chat_can_be_deleted_and_it_goes_on(alice, bob, crew):
    last = write(alice, crew).seq
    assert cut(crew, last + 1).done
    [seen] = chat_list.by_ids(bob.id, [crew])
    assert (seen.last, seen.unread, seen.last_seq) == (None, 0, last)
    assert gaps.gap(bob.id, crew).messages == []
    assert write(alice, crew).seq == last + 1


def test_an_index_that_is_behind_brings_no_deleted_words_back(alice, crew):
    last = write(alice, crew, MARK).seq
    cut(crew, last + 1)
    indexer.catch_up_all_chats()
    assert not Searchable.objects.filter(chat_id=crew).exists()


def test_a_part_costs_the_same_however_much_there_is(alice, bob, crew):
    def cost(amount):
        last = [write(alice, crew) for _ in range(amount)][-1].seq
        enter_indexes(crew)
        with CaptureQueriesContext(connection) as queries:
            delete_part(crew, before=last + 1, days=30)
        return len(queries)

    cost(1)
    assert cost(2) == cost(20)
