"""Commands by POST: the same replies as on a socket, without a connection."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import OperationalError

from apps.core.database import database_outages
from apps.core.errors import Unavailable
from apps.core.wait_budget import REQUEST_TIMEOUT_S, WaitBudget
from apps.realtime import database as realtime_database
from apps.realtime.command_queue import CommandQueue, PostConnection
from apps.realtime.server import Server
from apps.realtime.transports import commands
from apps.wire import events
from tests.support.listeners import listener
from tests.support.outages import outage_at_once

__all__ = ["listener", "outage_at_once"]


def send(chat, text, ref="1"):
    return {
        "type": "send",
        "ref": ref,
        "chat": str(chat),
        "client_id": str(uuid4()),
        "text": text,
    }


async def test_a_posted_command_has_one_reply_on_any_process(servers, cast, listener):
    alice = await listener(servers[0], cast.alice, "stream").join()
    there = listener(servers[1], cast.alice, key=alice.key)
    body = send(cast.chat, "asked there")
    async with there.http() as http:
        ack = (await http.post("commands", json=body)).json()
        again = (await http.post("commands", json=body)).json()
    assert ack == again
    assert (ack["type"], ack["ref"], ack["seq"]) == ("ack", "1", 1)
    await alice.has(cast.chat, 1)
    assert alice.state.texts(str(cast.chat)) == ["asked there"]


async def test_an_array_of_commands_is_executed_in_order_with_a_reply_for_each(
    one_server, cast, listener
):
    alice = listener(one_server, cast.alice)
    bodies = [send(cast.chat, str(number), str(number)) for number in range(99)]
    bodies.append({"type": "react", "ref": "99", "chat": str(uuid4()), "seq": 1, "emoji": "👍"})
    async with alice.http() as http:
        answers = (await http.post("commands", json=bodies)).json()
    by_ref = {answer["ref"]: answer for answer in answers}
    assert [by_ref[str(number)]["seq"] for number in range(99)] == list(range(1, 100))
    assert by_ref["99"]["code"] == "not_found"
    assert len(answers) == 100


@pytest.mark.parametrize("amount", [0, 101])
async def test_an_empty_or_too_long_array_of_commands_is_refused_whole(
    one_server, cast, listener, amount
):
    async with listener(one_server, cast.alice).http() as http:
        answer = await http.post("commands", json=[send(cast.chat, "x")] * amount)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        page = await http.get(f"chats/{cast.chat}/messages")
        assert page.json()["items"] == []


async def test_resume_and_presence_cannot_be_posted(one_server, cast, listener):
    async with listener(one_server, cast.alice).http() as http:
        for body in (
            {"type": "resume", "ref": "1"},
            {"type": "presence", "ref": "1", "state": "away"},
        ):
            answer = (await http.post("commands", json=body)).json()
            assert (answer["type"], answer["code"]) == ("error", "not_possible")


async def test_posted_typing_reaches_members_on_another_process(servers, cast, listener):
    bob = await listener(servers[0], cast.bob).join()
    alice = listener(servers[1], cast.alice, "poll")
    await alice.call("typing", chat=str(cast.chat))
    typing = await bob.until(lambda event: event["type"] == "typing")
    assert typing["person"] == str(cast.alice.id)


async def test_a_stranger_cannot_post_typing_to_any_chat(one_server, cast, listener):
    answers = []
    async with listener(one_server, cast.charlie).http() as http:
        for chat in (str(cast.chat), str(uuid4())):
            body = {"type": "typing", "ref": "1", "chat": chat}
            answers.append((await http.post("commands", json=body)).json())
            answers.append((await http.post("commands", json=send(chat, "let me in"))).json())
    assert answers[:2] == answers[2:]
    assert {answer["code"] for answer in answers} == {"not_found"}


async def test_posted_commands_share_the_limits_of_a_connection(fresh_servers, cast, listener):
    [strict] = fresh_servers(1, SENDS_PER_SECOND="1")
    async with listener(strict, cast.alice).http() as http:
        for _ in range(3):
            assert (await http.post("commands", json=send(cast.chat, "x"))).json()["seq"]
        refused = (await http.post("commands", json=send(cast.chat, "x"))).json()
        assert refused["code"] == "rate_limited"
        assert 0 < refused["retry_after"] <= 1


async def test_a_session_that_ignores_refusals_must_wait(one_server, cast, listener):
    alice = listener(one_server, cast.alice)
    other = listener(one_server, cast.alice)
    nonsense = [{"type": "nothing", "ref": "1"}] * 100
    async with alice.http() as http, other.http() as elsewhere:
        for _ in range(2):
            assert (await http.post("commands", json=nonsense)).status_code == 200
        assert (await http.post("commands", json=nonsense)).status_code == 200
        answer = await http.post("commands", json=send(cast.chat, "x"))
        assert answer.status_code == 429
        assert answer.json()["code"] == "rate_limited"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        # Another session of the same person has a queue of its own.
        assert (await elsewhere.post("commands", json=send(cast.chat, "x"))).json()["seq"] == 1


async def test_a_batch_refused_in_the_middle_has_a_reply_for_each_command(
    one_server, cast, listener
):
    async with listener(one_server, cast.alice).http() as http:
        nonsense = [{"type": "nothing", "ref": f"nonsense {number}"} for number in range(98)]
        for _ in range(2):
            await http.post("commands", json=nonsense)
        batch = [send(cast.chat, "in time", "first"), *nonsense, send(cast.chat, "late", "last")]
        answer = await http.post("commands", json=batch)
        assert answer.status_code == 200
        by_ref = {reply["ref"]: reply for reply in answer.json()}
        assert len(answer.json()) == len(by_ref) == len(batch)
        assert by_ref["first"]["seq"] == 1
        codes = [by_ref[one["ref"]]["code"] for one in nonsense]
        refused = codes.index("rate_limited")
        assert codes == ["invalid"] * refused + ["rate_limited"] * (98 - refused)
        assert by_ref["last"]["code"] == "rate_limited"
        assert 1 <= by_ref["last"]["retry_after"] <= 60
        page = await http.get(f"chats/{cast.chat}/messages")
        assert [message["text"] for message in page.json()["items"]] == ["in time"]


@pytest.mark.parametrize("way", ["socket", "post"])
async def test_a_mark_outlasts_receipts_that_came_before_it(one_server, cast, listener, way):
    alice = listener(one_server, cast.alice)
    bob = await listener(one_server, cast.bob).join()
    chat = str(cast.chat)
    receipts = {"ref": "receipts", "positions": [{"chat": chat, "read": 1}]}
    marks = {"ref": "marks", "chat": chat, "marked_unread": True}
    async with alice.http() as of_alice, bob.http() as http:
        await of_alice.post("commands", json=send(chat, "read me later"))
        # The next receipts wait for a moment, to be carried out with those of others.
        await bob.call("receipts", positions=[{"chat": chat, "delivered": 1}])
        if way == "socket":
            await asyncio.gather(bob.call("receipts", **receipts), bob.call("chat.marks", **marks))
        else:
            body = [{"type": "receipts", **receipts}, {"type": "chat.marks", **marks}]
            replies = (await http.post("commands", json=body)).json()
            assert [(one["type"], one["ref"]) for one in replies] == [
                ("ack", "receipts"),
                ("ack", "marks"),
            ]
        stored = (await http.get(f"chats/{chat}")).json()
    assert stored["read_seq"] == 1
    assert stored["marked_unread"]


def test_while_postgresql_is_away_a_command_does_not_wait_for_its_turn(outage_at_once):
    """Each thread waits 3 s for a connection; those behind it would wait as long again."""
    assert commands._budget_s() == REQUEST_TIMEOUT_S
    database_outages.failed(OperationalError("away"))
    assert commands._budget_s() < 3
    database_outages.recovered()
    assert commands._budget_s() == REQUEST_TIMEOUT_S


class Queue(CommandQueue):
    """A queue whose commands take all of the time that their POST has."""

    def __init__(self):
        person = uuid4()
        self.server = Server()
        posted = PostConnection(self.server, person=person, session_key=str(person))
        super().__init__(self.server, posted)
        self.handled = []
        self._dispatcher.handle = self._handle

    async def _handle(self, frame):
        self.handled.append(frame)
        self._dispatcher.budget.spend(REQUEST_TIMEOUT_S)
        self._connection.send(events.Ack(ref="done"))


async def test_commands_that_cannot_begin_in_time_are_refused_and_never_begin():
    queue = Queue()
    frames = [json.dumps(send(uuid4(), "x", ref)) for ref in ("first", "second")]
    done, refused = (json.loads(reply) for reply in await queue.execute(frames, WaitBudget()))
    assert (done["type"], done["ref"]) == ("ack", "done")
    assert (refused["code"], refused["ref"]) == ("unavailable", "second")
    assert queue.handled == frames[:1]


async def test_a_post_behind_one_that_hangs_is_refused_and_its_queue_goes_on():
    queue = Queue()
    await queue._lock.acquire()
    with pytest.raises(Unavailable) as refusal:
        await queue.execute(["behind"], WaitBudget(0.01))
    assert refusal.value.retry_after
    queue._lock.release()
    assert len(await queue.execute(["next"], WaitBudget())) == 1
    assert queue.handled == ["next"]


async def test_work_without_a_free_thread_never_begins(monkeypatch):
    threads, holds, begun = ThreadPoolExecutor(1), threading.Event(), []
    monkeypatch.setattr(realtime_database, "_threads", threads)
    held = threads.submit(holds.wait, 60)
    with pytest.raises(Unavailable):
        await realtime_database.in_database_within(WaitBudget(0.01), begun.append, "late")
    holds.set()
    assert held.result(60)
    threads.shutdown()
    assert begun == []
