"""Messages that contain a member's keyword count as mentioning them, for that member alone."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.chats.actions import edits, hiding
from apps.chats.models import Message
from apps.chats.queries import chat_list, message_rows
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from tests.chats.factories import write
from tests.support.statements import traffic

# BEGIN and COMMIT, the lock and the message.
SEND_STATEMENTS = 4


def mentioned(who: User, chat: UUID) -> list[int]:
    """The seqs of unread messages that mention the person."""
    [found] = chat_list.by_ids(who.id, [chat])
    return found.mentioned


def wants(who: User, *keywords: str) -> None:
    """Set the person's keywords."""
    set_preferences(who.id, PreferencesUpdate(keywords=list(keywords)))


def test_a_keyword_marks_a_message_for_the_member_who_wants_it(crew, alice, bob, charlie):
    wants(bob, "deploy")
    wants(charlie, "lunch", "deploy")
    seq = write(alice, crew, "We Deploy at noon").seq
    write(alice, crew, "nothing of interest")
    assert mentioned(bob, crew) == [seq]
    assert mentioned(alice, crew) == []
    # Charlie is outside.
    assert Message.objects.get(pk=(crew, seq)).keyword_of == [bob.id]
    write(bob, crew, "my own deploy")
    assert (mentioned(bob, crew), mentioned(alice, crew)) == ([], [])


def test_nobody_is_told_whose_keyword_it_is(crew, alice, bob):
    wants(bob, "deploy")
    seq = write(alice, crew, "deploy").seq
    assert str(bob.id) not in repr(message_rows.one(crew, seq))


def test_a_keyword_costs_a_send_two_statements(crew, alice, bob):
    with traffic() as without:
        write(alice, crew, "deploy")
    wants(bob, "deploy")
    with traffic() as read:
        write(alice, crew, "nothing")
    with traffic() as marked:
        write(alice, crew, "deploy")
    costs = [seen.statements for seen in (without, read, marked)]
    assert costs == [SEND_STATEMENTS, SEND_STATEMENTS + 1, SEND_STATEMENTS + 2]


def test_an_edit_adds_and_removes_the_mark(crew, alice, bob):
    wants(bob, "deploy")
    seq = write(alice, crew, "hello").seq
    edits.edit_message(alice.id, crew, seq=seq, text="hello, deploy")
    assert mentioned(bob, crew) == [seq]
    edits.edit_message(alice.id, crew, seq=seq, text="hello again")
    assert mentioned(bob, crew) == []


def test_a_restored_message_is_marked_again_and_a_deleted_one_never(crew, alice, bob):
    wants(bob, "deploy")
    seq = write(alice, crew, "deploy").seq
    hiding.hide_message(crew, seq)
    assert mentioned(bob, crew) == []
    hiding.restore_message(crew, seq)
    assert mentioned(bob, crew) == [seq]
    edits.delete_message(alice.id, crew, seq=seq)
    assert mentioned(bob, crew) == []
    assert Message.objects.get(pk=(crew, seq)).keyword_of is None


@pytest.mark.parametrize("text", ["deploy", "nothing"])
def test_an_edit_looks_for_keywords_once(crew, alice, bob, charlie, text):
    for one in (bob, charlie):
        wants(one, "deploy")
    seq = write(alice, crew, "hello").seq
    with CaptureQueriesContext(connection) as seen:
        edits.edit_message(alice.id, crew, seq=seq, text=text)
    assert sum("n.keywords" in one["sql"] for one in seen) == 1
