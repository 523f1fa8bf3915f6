"""Actions lock rows in the order of docs/locks.md."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from threading import Thread
from unittest.mock import patch

import psycopg
import pytest
from django.db import connection

from apps.accounts.actions import accounts, deletions, erasing
from apps.accounts.models import User
from apps.chats.actions import groups, invite_links, reactions
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.models import Member
from apps.chats.models.member import Role
from apps.contacts.actions import contacts
from apps.core.errors import NotFound, Refused
from chatproject.run.data_dir import CHECKOUT
from tests.chats.factories import write
from tests.support import ended_access
from tests.support.people import direct_chat, in_touch, person
from tests.support.threads import in_thread, wait_for_a_lock

PAGE = (CHECKOUT / "docs/locks.md").read_text()
# | 1 | `table`, then `table` | ...
RANKS = {
    table: int(rank)
    for rank, tables in re.findall(r"^\| (\d+) \| ([^|]+) \|", PAGE, re.MULTILINE)
    for table in re.findall(r"`(\w+)`", tables)
}
WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?')
LOCKS = re.compile(r'FROM\s+"?(\w+)"?.*FOR (?:NO KEY )?UPDATE(?! OF \w+ SKIP| SKIP)', re.DOTALL)
# After locking streams, these insert rows that no other transaction can see yet; the bot of a
# command in a transaction of its own.
OF_NEW_ROWS = {
    "bots.make",
    "deletions.ask",
    "direct.open_direct",
    "external_commands.make",
    "groups.create_group",
    "incoming.make",
    "scheduled.schedule",
}


def locked_by(sql: str) -> list[str]:
    """The tables in which a statement locks rows, in the order of the statement."""
    found = [*LOCKS.findall(sql), *WRITES.findall(sql)]
    return [table for table in found if table in RANKS]


@contextmanager
def order_of_locks() -> Iterator[list[str]]:
    """The tables in which the block locks rows, in the order of their first locks. Sends and
    receipts use cursors of psycopg, which Django does not wrap."""
    first: list[str] = []
    execute = psycopg.Cursor.execute

    def look(cursor, query, *arguments, **named):
        first.extend(table for table in locked_by(str(query)) if table not in first)
        return execute(cursor, query, *arguments, **named)

    with patch.object(psycopg.Cursor, "execute", look):
        yield first


@pytest.fixture
def group(crew, alice, bob):
    """Bob and Alice own a group; Bob has another contact and knows an invite link."""
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    third = person("third")
    in_touch(bob, third)
    return ended_access.a_world(bob, alice, crew, secret=link.secret, third=third)


def in_order(tables: list[str]) -> bool:
    ranks = [RANKS[table] for table in tables]
    return ranks == sorted(ranks)


@pytest.mark.parametrize("action", sorted({*ended_access.ALL} - OF_NEW_ROWS))
def test_every_action_locks_in_the_documented_order(action, group):
    with order_of_locks() as tables, suppress(Refused):
        ended_access.ALL[action](group)
    print(f"{action}: {' > '.join(tables)}")
    assert in_order(tables), tables


@pytest.mark.parametrize("by", [contacts.accept, contacts.invite])
def test_accepting_into_an_old_chat_locks_in_the_documented_order(alice, bob, by):
    direct_chat(alice, bob)
    contacts.remove(alice.id, bob.id)
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "Hello again")
    with order_of_locks() as tables:
        by(bob.id, alice.id)
    assert tables[:3] == ["chats_chat", "chats_member", "accounts_stream"]
    assert in_order(tables), tables


def test_closing_an_account_locks_in_the_documented_order(group):
    with order_of_locks() as tables:
        accounts.deactivate(group.me.id)
    assert tables[:4] == ["chats_chat", "chats_member", "chats_scheduled", "accounts_stream"]
    assert in_order([table for table in tables if table != "accounts_user"]), tables


def test_deleting_an_account_locks_in_the_documented_order(group, monkeypatch):
    """Each part in a transaction of its own, which locks the deletion first."""
    deletions.start(group.me.id, at_once=True)

    def step(row, erase):
        with order_of_locks() as tables:
            more = real(row, erase)
        print(f"{erase.__module__}: {' > '.join(tables)}")
        assert tables[0] == "accounts_deletion"
        assert in_order(tables), tables
        return more

    real = erasing._step
    monkeypatch.setattr(erasing, "_step", step)
    erasing.erase_due()
    group.me.refresh_from_db()
    assert group.me.erased_at is not None


def test_joining_locks_in_the_documented_order(group, charlie):
    with order_of_locks() as tables:
        invite_links.join_by_link(charlie.id, group.secret)
    assert tables[:3] == ["chats_chat", "chats_member", "accounts_stream"]
    assert in_order(tables), tables


# -- concurrent transactions -----------------------------------------------------------------------


class Meeting:
    """Runs `other` during a transaction: starts it once rows of `table` are locked, and lets it run
    until it waits for a lock or is done."""

    def __init__(self, table: str, other: object) -> None:
        self._table = table
        self._other = other
        self._thread: Thread | None = None
        self.failure: BaseException | None = None
        self.waited = False

    def _run(self) -> None:
        try:
            in_thread(self._other)
        except Exception as error:
            self.failure = error

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if self._thread is None and self._table in locked_by(sql):
            self._thread = Thread(target=self._run)
            self._thread.start()
            self.waited = wait_for_a_lock(self._thread)
        return result

    def join(self) -> None:
        assert self._thread is not None, "they never met"
        self._thread.join(60)


def meet(action: object, *, table: str, other: object) -> Meeting:
    meeting = Meeting(table, other)
    with connection.execute_wrapper(meeting):
        action()
    meeting.join()
    return meeting


def read(who: User, chat: object) -> object:
    return partial(move_positions, who.id, [Receipt(chat, read=10)])


def mark(who: User, chat: object) -> object:
    return partial(set_chat_settings, who.id, chat, ChatSettings(pinned=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own", [read, mark])
@pytest.mark.parametrize("ending", ["removed", "left", "closed", "given a role"])
def test_ending_a_membership_and_the_persons_own_changes_do_not_deadlock(ending, own):
    """The person's own change locks their membership, then their stream."""
    alice, bob = person("alice"), person("bob")
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
    write(alice, crew)
    endings = {
        "removed": partial(groups.remove_member, alice.id, crew, person=bob.id),
        "left": partial(groups.leave_group, bob.id, crew),
        "closed": partial(accounts.deactivate, bob.id),
        "given a role": partial(
            groups.change_role, alice.id, crew, person=bob.id, role=Role.MEMBER
        ),
    }
    meeting = meet(endings[ending], table="accounts_stream", other=own(bob, crew))
    assert meeting.waited
    assert isinstance(meeting.failure, NotFound | None)
    bobs = Member.objects.get(chat=crew, user=bob)
    assert (bobs.left_rev is None) == (ending in ("closed", "given a role"))


@pytest.mark.django_db(transaction=True)
def test_a_block_waits_for_a_message_that_is_being_sent():
    """So a message sent after the block is always refused."""
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    react = partial(reactions.add_reaction, bob.id, chat, seq=write(alice, chat).seq, emoji="👍")
    meeting = meet(react, table="chats_chat", other=partial(contacts.block, alice.id, bob.id))
    assert meeting.waited
    assert meeting.failure is None
    with pytest.raises(Refused):
        reactions.add_reaction(bob.id, chat, seq=1, emoji="🎉")
