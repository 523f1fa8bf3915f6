"""Load L, or a share of it, on a product of its own: stores, two web processes, workers and beat.

A town has chats of ten people who write, and in each chat an eleventh who only has a phone. It is
read by a checker (`Ledger`) and by its phones; everything goes through the public interface.
"""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
from websockets.exceptions import InvalidHandshake

from apps.chats.actions.groups import create_group
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from apps.notifications.actions.subscriptions import subscribe
from tests.support.client import Gone, Refusal
from tests.support.ledger import Ledger
from tests.support.listeners import Listener, Refused
from tests.support.people import in_touch, person, session_of

CHAT_SIZE = 10
PEOPLE_OF_L = 200
# Load L: 200 people write 50 messages a second.
PAUSE_S = 4.0
PUSH_DELAY_S = 1
# Of ten devices, as in load L.
WAYS = ["socket"] * 6 + ["stream"] * 2 + ["poll"] * 2
ROWS = """
SELECT chat_id, seq, rev, id, sender_id, client_id FROM chats_message
WHERE chat_id = ANY(%s) ORDER BY chat_id, seq
"""
HEADS = "SELECT id, last_seq FROM chats_chat WHERE id = ANY(%s)"
LOST = (OSError, Gone, InvalidHandshake, EOFError, TimeoutError)


class Citizen(Listener):
    """A device that notes when each message came."""

    def __init__(self, server, key):
        super().__init__(server, key)
        self.arrived_at = {}

    def abort(self):
        """End the connection, if it is a socket; `_stay` opens the next one."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _resume_again(self):
        try:
            await self.resume()
        except Refusal:
            await asyncio.sleep(0.5)
            await self._resume_again()
        except LOST:
            self.abort()

    def _receive(self, event):
        if event["type"] == "message":
            self.arrived_at.setdefault(event["message"]["id"], time.time())
        super()._receive(event)


class Sleeper:
    """A member with a phone, who reads the chat whenever the phone has shown a notification."""

    def __init__(self, chat, phone, key):
        self.chat, self.phone = chat, phone
        self.device = Citizen("", key)
        self.device.way = "stream"  # commands go by POST

    def shown(self):
        """(when, last seq of its run) of each notification that was taken."""
        return [
            (push.at, push.payload["last"])
            for push in self.phone.received
            if push.payload["kind"] == "show" and 200 <= push.status < 300
        ]

    @property
    def last_shown(self):
        """The last message of which the phone knows."""
        return max((seq for _, seq in self.shown()), default=0)


@dataclass
class Town:
    """People, chats and phones. `servers`: those that a load balancer would choose from."""

    citizens: list[Citizen]
    chats: list[UUID]
    sleepers: list[Sleeper]
    servers: list = field(default_factory=list)
    ledger: Ledger = field(default_factory=lambda: Ledger("services-down"))
    # (when, seconds that it took, code) of each refusal that somebody saw.
    refusals: list[tuple[float, float, str]] = field(default_factory=list)
    # By the id of the message, and by chat and seq.
    acked_at: dict[str, float] = field(default_factory=dict)
    acked_seqs: dict[tuple[str, int], float] = field(default_factory=dict)
    in_flight: int = 0
    # Set while people write.
    writing: asyncio.Event = field(default_factory=asyncio.Event)

    def chat_of(self, number: int) -> UUID:
        """The chat of a citizen."""
        return self.chats[number // CHAT_SIZE]

    async def begin(self) -> None:
        """Have everybody connect, write, and sleep."""
        self.ledger.readers = self.citizens
        self.writing.set()
        self._tasks = [asyncio.create_task(self._stay(each)) for each in self.citizens]
        await asyncio.gather(*(each.online.wait() for each in self.citizens))
        self._tasks += [asyncio.create_task(self._write(n)) for n in range(len(self.citizens))]
        self._tasks += [asyncio.create_task(self._sleep(each)) for each in self.sleepers]

    async def end(self) -> None:
        """Stop them."""
        for task in self._tasks:
            task.cancel()
        done, _ = await asyncio.wait(self._tasks)
        for each in self.citizens:
            await each.cut()
        for task in done:
            assert task.cancelled(), task.exception()

    async def everybody_has_a_new_message(self, within: float) -> None:
        """Send one to each chat, and wait until all who are in it have it."""

        async def one(n: int, chat: UUID) -> None:
            members = self.citizens[n * CHAT_SIZE : (n + 1) * CHAT_SIZE]
            seq = await self._send(members[0], chat, "is everybody back?")
            await asyncio.gather(*(each.has(chat, seq, within) for each in members))

        async with asyncio.timeout(within):
            await asyncio.gather(*(one(n, chat) for n, chat in enumerate(self.chats)))

    async def falls_silent(self, within: float) -> None:
        """Nobody writes from now on. Wait until all is acknowledged, everywhere, and on phones."""
        self.writing.clear()
        async with asyncio.timeout(within):
            while self.in_flight:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            last: Counter[str] = Counter()
            for chat, seq in self.acked_seqs:
                last[chat] = max(last[chat], seq)
            for n, citizen in enumerate(self.citizens):
                chat = self.chat_of(n)
                await citizen.has(chat, last[str(chat)], within)
            for sleeper in self.sleepers:
                while sleeper.last_shown < last[str(sleeper.chat)]:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

    def pushes(self, since: float, until: float) -> tuple[int, float, int]:
        """Notifications since then; the most seconds that one came after it was due, or after
        `until` if it was due before; how many came twice."""
        number, late, twice = 0, 0.0, 0
        for sleeper in self.sleepers:
            before, seen = 0, set()
            for at, last in sleeper.shown():
                if at >= since:
                    number += 1
                    twice += last in seen
                    times = [
                        acked
                        for seq in range(before + 1, last + 1)
                        if (acked := self.acked_seqs.get((str(sleeper.chat), seq)))
                    ]
                    due = min(times, default=at) + PUSH_DELAY_S
                    late = max(late, at - max(due, until))
                seen.add(last)
                before = max(before, last)
        return number, late, twice

    def compare(self, fault: str, url: str, figures: dict[str, object]) -> dict[str, int]:
        """What the ledger finds in the database at `url`; prints it, with `figures`."""
        self.ledger.fault = fault
        with psycopg.connect(url) as session:
            rows = session.execute(ROWS, [self.chats]).fetchall()
            heads = dict(session.execute(HEADS, [self.chats]).fetchall())
        # The first entry is that of the group, one more for each whom it was made with.
        return self.ledger.judge(rows, heads, since=CHAT_SIZE, figures=figures)

    def delays(self, since: float, until: float) -> list[float]:
        """Seconds from the acknowledgement in these times to each device."""
        ids = {id_: at for id_, at in self.acked_at.items() if since <= at <= until}
        return sorted(
            max(0.0, each.arrived_at[id_] - at)
            for each in self.citizens
            for id_, at in ids.items()
            if id_ in each.arrived_at
        )

    async def _stay(self, citizen: Citizen) -> None:
        while True:
            citizen.server = random.choice(self.servers).url
            try:
                await citizen.join()
                await citizen.lost(3600)
            except (Refusal, *LOST):
                await asyncio.sleep(random.uniform(0.1, 0.5))
            await citizen.cut()

    async def _write(self, number: int) -> None:
        citizen, chat = self.citizens[number], self.chat_of(number)
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE_S)
            await self.writing.wait()
            await self._send(citizen, chat, f"{number} says {self.ledger.sent}")

    async def _send(self, citizen: Citizen, chat: UUID, text: str) -> int:
        """Send until acknowledged; returns the seq."""
        client_id = str(uuid4())
        self.ledger.sent += 1
        self.in_flight += 1
        while True:
            await citizen.online.wait()
            begun = time.time()
            try:
                ack = await citizen.send(chat, text, client_id)
            except (Refusal, Refused) as refusal:
                body = refusal.event if isinstance(refusal, Refusal) else _problem(refusal)
                self.refusals.append((begun, time.time() - begun, body["code"]))
                await asyncio.sleep(body.get("retry_after") or 0.5)
            except LOST as error:
                code = "no reply" if isinstance(error, TimeoutError) else "connection lost"
                self.refusals.append((begun, time.time() - begun, code))
                await asyncio.sleep(0.1)
                citizen.abort()
            else:
                self.ledger.ack(client_id, ack)
                self.acked_at[ack["id"]] = time.time()
                self.acked_seqs[ack["chat"], ack["seq"]] = time.time()
                self.in_flight -= 1
                return ack["seq"]

    async def _sleep(self, sleeper: Sleeper) -> None:
        read = 0
        while True:
            await asyncio.sleep(0.25)
            last = sleeper.last_shown
            if last > read:
                sleeper.device.server = random.choice(self.servers).url
                positions = [{"chat": str(sleeper.chat), "read": last}]
                with suppress(Refusal, Refused, *LOST):
                    await sleeper.device.call("receipts", positions=positions)
                    read = last


def _problem(refused: Refused) -> dict[str, object]:
    """The problem document of a response; a proxy sends none."""
    try:
        return refused.answer.json()
    except ValueError:
        return {"code": f"{refused.answer.status_code} of the proxy"}


def build(service, share: float) -> Town:
    """The people of a share of load L, made where the tests make people."""
    mark = uuid4().hex[:8]
    citizens, chats, sleepers = [], [], []
    for n in range(max(1, round(share * PEOPLE_OF_L / CHAT_SIZE))):
        people = [person(f"c{n}-{m}-{mark}") for m in range(CHAT_SIZE + 1)]
        for each in people[1:]:
            in_touch(people[0], each)
        chats.append(create_group(people[0].id, f"chat {n}", [each.id for each in people[1:]]))
        *members, sleeper = people
        for m, each in enumerate(members):
            citizens.append(Citizen("", session_of(each)))
            citizens[-1].way = WAYS[m]
        phone, key = service.browser(), session_of(sleeper)
        subscribe(sleeper.id, session_key=key, endpoint=phone.endpoint, keys=phone.keys)
        set_preferences(sleeper.id, PreferencesUpdate(delay=PUSH_DELAY_S))
        sleepers.append(Sleeper(chats[-1], phone, key))
    return Town(citizens, chats, sleepers)
