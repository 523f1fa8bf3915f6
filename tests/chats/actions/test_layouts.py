"""Messages of programs: how they are drawn, and what becomes of it."""

from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.chats.actions import edits, hiding, layouts
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import HiddenContent, Message
from apps.chats.queries import message_rows
from apps.core.errors import Forbidden, NotFound
from apps.core.identifiers import new_id
from apps.core.reads import rows_of
from apps.wire.bodies import Card, CardField, CardFields, CardHeader, Layout

CARDS = Layout(
    name="Grafana",
    emoji="🔥",
    cards=[
        Card(
            color="#a8321f",
            parts=[
                CardHeader(text="Disk is full"),
                CardFields(fields=[CardField(title="Host", text="db-1")]),
            ],
        )
    ],
)
POLL = Layout(plugin="polls", data={"votes": [0, 0]})


def say(who: User, chat: UUID, layout: Layout | None) -> int:
    send = validated_send(
        sender=who.id, chat=chat, client_id=new_id(), text="Disk is full", layout=layout
    )
    [answer] = send_batch([send])
    assert isinstance(answer, Sent)
    return answer.seq


def layout_of(chat: UUID, seq: int) -> Layout | None:
    body = message_rows.one(chat, seq)
    assert body is not None
    return body.layout


def test_a_layout_is_stored_and_published_as_it_was_sent(alice, chat, captured_events):
    with captured_events() as events:
        seq = say(alice, chat, CARDS)
    assert layout_of(chat, seq) == CARDS == events[0].event.message.layout
    [summary] = rows_of(message_rows.SUMMARY + "WHERE m.chat_id = %(chat)s", {"chat": chat})
    shown = message_rows.message(summary)
    assert (shown.layout, shown.truncated) == (None, True)


def test_messages_without_a_layout_need_no_statement_for_it(
    alice, chat, django_assert_max_num_queries
):
    say(alice, chat, None)
    with django_assert_max_num_queries(30) as plain:
        say(alice, chat, None)
    assert not [query for query in plain.captured_queries if "layout" in query["sql"]]


def test_an_edit_drops_the_cards_and_keeps_the_name(alice, chat):
    seq = say(alice, chat, CARDS)
    edits.edit_message(alice.id, chat, seq=seq, text="All is well")
    assert layout_of(chat, seq) == Layout(name="Grafana", emoji="🔥")


def test_a_message_with_cards_of_a_later_release_can_be_edited(alice, chat):
    seq = say(alice, chat, CARDS)
    later = {"name": "Grafana", "cards": [{"parts": [{"type": "table"}]}], "size": "small"}
    Message.objects.filter(chat_id=chat, seq=seq).update(layout=later)
    edits.edit_message(alice.id, chat, seq=seq, text="All is well")
    assert layout_of(chat, seq) == Layout(name="Grafana")


def test_an_entry_of_a_plugin_is_changed_by_the_plugin_alone(alice, chat, captured_events):
    seq = say(alice, chat, POLL)
    with pytest.raises(Forbidden):
        edits.edit_message(alice.id, chat, seq=seq, text="Another question")
    with pytest.raises(NotFound):
        layouts.change_layout(chat, seq, "reminders", lambda data: {})
    with captured_events() as events:
        layouts.change_layout(chat, seq, "polls", lambda data: data)
        layouts.change_layout(chat, seq, "polls", lambda data: {"votes": [1, 0]}, text="One vote")
    assert [event.rev for event in events] == [2]
    body = message_rows.one(chat, seq)
    assert body is not None
    assert body.layout is not None
    assert (body.text, body.layout.data, body.edited_at) == ("One vote", {"votes": [1, 0]}, None)


def test_deleting_and_hiding_take_the_layout_away(alice, chat):
    deleted, hidden = say(alice, chat, CARDS), say(alice, chat, CARDS)
    edits.delete_message(alice.id, chat, seq=deleted)
    hiding.hide_message(chat, hidden)
    assert not Message.objects.filter(chat_id=chat, layout__isnull=False).exists()
    assert HiddenContent.objects.filter(seq=hidden, layout__name="Grafana").exists()
    with pytest.raises(NotFound):
        layouts.change_layout(chat, deleted, "polls", lambda data: {})
    hiding.restore_message(chat, hidden)
    assert layout_of(chat, hidden) == CARDS
