"""Threads: their first messages count the replies, and clients learn of it."""

from importlib import import_module

import pytest
from django.db import connection

from apps.chats.actions import edits, hiding
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import Chat, Message
from apps.chats.queries import changes, message_rows
from apps.core.identifiers import new_id
from tests.support.statements import traffic

pytestmark = pytest.mark.django_db
migration = import_module("apps.chats.migrations.0024_count_replies")


def replies(who, chat, *to):
    """Send a reply to each of these messages in one batch."""
    answers = send_batch(
        [
            validated_send(sender=who.id, chat=chat, client_id=new_id(), text="so", reply_to=seq)
            for seq in to
        ]
    )
    assert all(isinstance(answer, Sent) for answer in answers)
    return answers


def counted(chat, seq):
    body = message_rows.one(chat, seq)
    return body.replies, body.last_reply_at


def test_a_first_message_counts_its_replies_and_clients_are_told(
    chat, crew, alice, bob, captured_events
):
    [root], [other] = replies(alice, chat, None), replies(alice, crew, None)
    cursor = Chat.objects.get(id=chat).rev
    with captured_events() as told:
        one, two, plain = replies(bob, chat, root.seq, root.seq, None)
    assert counted(chat, root.seq) == (2, two.at)
    # The two replies are told before, and the first message once for both.
    assert [(p.rev, p.event.message.seq, p.event.message.replies) for p in told] == [
        (cursor + 1, one.seq, 0),
        (cursor + 2, two.seq, 0),
        (cursor + 3, plain.seq, 0),
        (cursor + 4, root.seq, 2),
    ]
    assert [p.follows for p in told] == [p.rev - 1 for p in told]
    missed = changes.since({chat: cursor})[chat]
    assert [p.event.message.seq for p in missed.publications][-1] == root.seq
    assert missed.rev == cursor + 4 == Chat.objects.get(id=chat).rev
    # A reply to a reply belongs to the same thread, and other chats have their own.
    [third] = replies(alice, chat, two.seq)
    assert counted(chat, root.seq) == (3, third.at)
    assert counted(chat, two.seq) == (0, None)
    assert counted(crew, other.seq) == (0, None)


def test_replies_that_were_taken_away_do_not_count(chat, alice, bob, captured_events):
    [root] = replies(alice, chat, None)
    one, two = replies(bob, chat, root.seq, root.seq)
    with captured_events() as told:
        edits.delete_message(bob.id, chat, seq=two.seq)
    assert [(p.event.message.seq, p.event.message.replies) for p in told] == [
        (two.seq, 0),
        (root.seq, 1),
    ]
    hiding.hide_message(chat, one.seq)
    assert counted(chat, root.seq) == (0, None)
    hiding.restore_message(chat, one.seq)
    assert counted(chat, root.seq) == (1, one.at)
    edits.delete_message(alice.id, chat, seq=root.seq)
    assert counted(chat, root.seq) == (1, one.at)


def test_a_refused_or_repeated_reply_counts_once(chat, alice, charlie):
    [root] = replies(alice, chat, None)
    send = validated_send(
        sender=alice.id, chat=chat, client_id=new_id(), text="so", reply_to=root.seq
    )
    outside = validated_send(
        sender=charlie.id, chat=chat, client_id=new_id(), text="so", reply_to=root.seq
    )
    for _ in range(2):
        send_batch([send, outside])
    assert counted(chat, root.seq)[0] == 1


@pytest.mark.parametrize("amount", [1, 50])
def test_replies_of_a_batch_cost_one_statement_more(chat, alice, amount):
    roots = replies(alice, chat, *[None] * amount)
    with traffic() as plain:
        replies(alice, chat, *[None] * amount)
    with traffic() as answered:
        replies(alice, chat, *(root.seq for root in roots))
    assert answered.statements == plain.statements + 1


@pytest.mark.parametrize("chunk", [1, 200])
def test_threads_from_before_are_counted_and_told(chat, crew, alice, monkeypatch, chunk):
    monkeypatch.setattr(migration, "CHUNK", chunk)
    roots = replies(alice, chat, None, None, None)
    [other] = replies(alice, crew, None)
    _, two, gone = replies(alice, chat, *[roots[0].seq] * 2, roots[1].seq)
    [last] = replies(alice, crew, other.seq)
    edits.delete_message(alice.id, chat, seq=gone.seq)
    Message.objects.update(replies=0, last_reply_at=None)
    before = Chat.objects.get(id=chat).rev

    count()

    assert counted(chat, roots[0].seq) == (2, two.at)
    assert counted(chat, roots[1].seq) == (0, None)
    assert counted(crew, other.seq) == (1, last.at)
    told = changes.since({chat: before})[chat].publications
    assert [p.event.message.seq for p in told] == [roots[0].seq]
    after = Chat.objects.get(id=chat).rev
    count()
    assert Chat.objects.get(id=chat).rev == after


def count():
    with connection.schema_editor(atomic=False) as editor:
        migration.count(None, editor)
