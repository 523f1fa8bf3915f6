"""Limits count per person, over all connections and transports."""

import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from time import monotonic
from types import UnionType
from uuid import UUID, uuid4

import msgspec
import pytest

from apps.chats.actions import group_commit
from apps.core import limits, token_bucket
from apps.core.errors import RateLimited
from apps.core.limits import Limit
from apps.core.runtime import runtime
from apps.core.wait_budget import WaitBudget
from apps.realtime.command_queue import CommandQueue, PostConnection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.server import Server
from apps.wire import commands
from chatproject.run.data_dir import CHECKOUT

ID = str(uuid4())
VALUES = {
    "chat": ID,
    "client_id": ID,
    "emoji": "🎉",
    "file": ID,
    "note": ID,
    "people": [ID],
    "person": ID,
    "positions": [{"chat": ID, "read": 1}],
    "role": "admin",
    "seq": 1,
    "state": "away",
    "text": "hello",
    "title": "Crew",
    "days": 30,
}
# Limits of each command besides `commands`. Commands without one change nothing stored.
COUNTED = {
    "send": [limits.SENDS],
    "receipts": [limits.RECEIPTS],
    "typing": [],
    "presence": [],
    "chat.direct": [limits.DIRECT_CHATS],
    "chat.marks": [limits.CHAT_SETTINGS],
    "draft": [limits.DRAFTS],
    "react": [limits.REACTIONS],
    "unreact": [limits.REACTIONS],
    "edit": [limits.EDITS],
    "delete": [limits.DELETES],
    "pin": [limits.PINS],
    "unpin": [limits.PINS],
    "save": [limits.SAVED],
    "unsave": [limits.SAVED],
    "command.run": [limits.SLASH_COMMANDS],
    "note.dismiss": [limits.SLASH_COMMANDS],
    "group.create": [limits.GROUPS_AN_HOUR, limits.GROUPS_A_DAY],
    "group.rename": [limits.GROUP_CHANGES],
    "chat.retention": [limits.GROUP_CHANGES],
    "group.picture": [limits.GROUP_CHANGES],
    "group.leave": [limits.GROUP_CHANGES],
    "member.add": [limits.GROUP_CHANGES],
    "member.remove": [limits.GROUP_CHANGES],
    "member.role": [limits.GROUP_CHANGES],
    "contact.invite": [limits.CONTACTS, limits.INVITATIONS],
    "contact.greet": [limits.CONTACTS],
    "contact.accept": [limits.CONTACTS],
    "contact.decline": [limits.CONTACTS],
    "contact.cancel": [limits.CONTACTS],
    "contact.remove": [limits.CONTACTS],
    "contact.block": [limits.CONTACTS],
    "contact.unblock": [limits.CONTACTS],
}
CONNECTIONS = 30


def command(kind: str) -> str:
    """The smallest command of this type, as a frame."""
    [declared] = [one for one in union() if one.__struct_config__.tag == kind]
    required = [field.encode_name for field in msgspec.structs.fields(declared) if field.required]
    body = {name: VALUES[name] for name in required if name != "ref"}
    return msgspec.json.encode({"type": kind, "ref": "1", **body}).decode()


def union() -> tuple[type[commands.Command], ...]:
    declared: UnionType = commands.AnyCommand
    return declared.__args__


class Connection:
    """The dispatcher of a person's connection, without a transport."""

    def __init__(self, server: Server, person: UUID) -> None:
        self.connection = PostConnection(server, person=person, session_key=str(uuid4()))
        self.dispatcher = Dispatcher(server, self.connection)

    async def ask(self, frame: str) -> str:
        await self.dispatcher.handle(frame)
        return self.connection.replies.pop()


def test_every_command_has_a_limit():
    declared = {one.__struct_config__.tag for one in union()}
    assert declared == {*COUNTED, "resume"}


@pytest.mark.parametrize("kind", [kind for kind, counted in COUNTED.items() if counted])
async def test_thirty_connections_of_a_person_share_one_limit(kind, monkeypatch):
    """Refused before the database is used: the test has none."""
    now = monotonic()
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now)
    server, frame = Server(), command(kind)
    for limit in COUNTED[kind]:
        person = uuid4()
        limits.check(limit, person, uses=limit.amount)
        for _ in range(CONNECTIONS):
            answer = await Connection(server, person).ask(frame)
            assert '"code":"rate_limited"' in answer
            assert '"retry_after":' in answer
        posted = PostConnection(server, person=person, session_key=str(uuid4()))
        [answer] = await CommandQueue(server, posted).execute([frame], WaitBudget())
        assert '"code":"rate_limited"' in answer


async def test_thirty_connections_of_a_person_share_the_limit_of_commands(monkeypatch):
    server, person = Server(), uuid4()
    monkeypatch.setattr(limits, "COMMANDS", Limit("commands-test", 60, 3600, in_process=True))
    frame = command("presence")
    answers = [
        await connection.ask(frame)
        for connection in [Connection(server, person) for _ in range(CONNECTIONS)]
        for _ in range(3)
    ]
    assert ["rate_limited" in answer for answer in answers] == [False] * 60 + [True] * 30
    assert "rate_limited" not in await Connection(server, uuid4()).ask(frame)


async def test_typing_on_many_connections_is_sent_once(monkeypatch):
    async def may_type(*_: object) -> None:
        """Allow it, as for a member."""

    server, person, sent = Server(), uuid4(), []
    now = monotonic()
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now)
    monkeypatch.setattr(server, "deliver", sent.extend)
    monkeypatch.setattr(Dispatcher, "_check_may_type", may_type)
    monkeypatch.setattr("apps.realtime.dispatcher.blocks_of", lambda _: frozenset())
    for _ in range(CONNECTIONS):
        assert '"ack"' in await Connection(server, person).ask(command("typing"))
    assert len(sent) == 1
    now += limits.TYPING.seconds
    await Connection(server, person).ask(command("typing"))
    await Connection(server, uuid4()).ask(command("typing"))
    assert len(sent) == 3


def test_sends_of_all_transports_share_one_limit(monkeypatch):
    monkeypatch.setattr(limits, "SENDS", Limit("sends-test", 3, 3600, in_process=True))
    committer = group_commit.GroupCommit()
    # Neither commit the sends, nor report them as late while other tests run.
    for name in ("_run", "_watch"):
        monkeypatch.setattr(committer, name, lambda: None)
    alice, charlie = uuid4(), uuid4()

    def send(who: UUID) -> None:
        one = group_commit.SendRequest(who, uuid4(), uuid4(), "hello")
        committer.submit(one, lambda pairs: None, None)

    for _ in range(3):
        send(alice)
    with pytest.raises(RateLimited):
        send(alice)
    send(charlie)


def actions() -> Iterator[tuple[str, object]]:
    """Every public function in actions whose first argument is the acting person."""
    for app in ("chats", "contacts", "emoji", "moderation", "notifications"):
        package = import_module(f"apps.{app}.actions")
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, action in vars(import_module(found.name)).items():
                if not inspect.isfunction(action) or action.__module__ != found.name:
                    continue
                first = next(iter(inspect.signature(action).parameters), "")
                if not name.startswith("_") and first in ("user_id", "owner_id"):
                    yield f"{found.name}.{name}", action


# Parts of other actions, which have limits; of ending access; and of closing and erasing an
# account, which administrators and workers do.
PARTS = {
    "apps.contacts.actions.contacts.meet",
    "apps.contacts.actions.profile.reset",
    "apps.contacts.actions.profile.sync_status",
    "apps.chats.actions.account_closure.left",
    "apps.chats.actions.erasure.erase",
    "apps.contacts.actions.erasure.erase",
    "apps.emoji.actions.erasure.erase",
    "apps.moderation.actions.erasure.erase",
    "apps.notifications.actions.erasure.erase",
    "apps.notifications.actions.subscriptions.left",
    "apps.notifications.actions.topics.seen",
    "apps.chats.actions.account_closure.close_account",
    "apps.chats.actions.holding.hold",
    "apps.chats.actions.scheduled.lock_open",
    "apps.chats.actions.scheduled_rows.locked_files",
    "apps.chats.actions.chat_change.changing",
    "apps.chats.actions.chat_change.changing_without_membership",
}


def test_every_action_of_a_person_has_a_limit():
    found = dict(actions())
    assert len(found) > 30
    without = {name for name, action in found.items() if not hasattr(action, "limits")}
    assert without == PARTS


def test_the_documentation_lists_all_limits():
    table = re.findall(
        r"^\| ([a-z-]+) \| (\d+) \| (\d+) \| (process|all) \| (.+) \|$",
        Path(CHECKOUT / "docs/operate.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    declared = [limit for limit in vars(limits).values() if isinstance(limit, Limit)]
    fixed = {
        limits.SENDS: 20 * 3,
        limits.TYPING: 1,
        limits.CONNECTS_OF_SESSION: 600,
        limits.CONNECTS_OF_ADDRESS: 6_000,
        limits.NEWCOMER_INVITATIONS: 20,
        limits.NEWCOMER_GROUPS: 5,
        limits.NEWCOMER_LINK_MESSAGES: 20,
    }
    assert table == [
        (
            limit.name,
            str(fixed.get(limit, limit.amount // runtime.LIMITS_TIMES)),
            str(limit.seconds),
            "process" if limit.in_process else "all",
            limit.reason,
        )
        for limit in declared
    ]


def test_a_fast_person_stays_below_all_limits():
    """A minute of somebody who reads, types and clicks very fast, on three devices."""
    person, usual = uuid4(), runtime.LIMITS_TIMES
    for limit, a_minute in (
        (limits.REACTIONS, 90),
        (limits.EDITS, 30),
        (limits.DRAFTS, 3 * 60),
        (limits.CHAT_SETTINGS, 120),
        (limits.SAVED, 60),
    ):
        assert limit.seconds == limits.MINUTE_S
        assert a_minute * usual <= limit.amount
        limits.check(limit, person, uses=a_minute)
