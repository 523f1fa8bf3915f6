"""One stretch of load: what was said when, and what became of it."""

import asyncio
from array import array
from collections import Counter
from collections.abc import Callable
from time import perf_counter

from bench.load.messages import Compose, Numbering, sends
from bench.load.talker import Room, Talker


class Window:
    """Counts sends, acknowledgements and deliveries; a pace decides when to send.

    A message is delivered to everybody in its room, its sender included; latencies are those
    of the others, from the moment at which it was due.
    """

    def __init__(
        self,
        *,
        rooms: list[Room],
        compose: Callable[[Numbering], Compose] = sends,
        acknowledges: bool = True,
    ) -> None:
        self.rooms = rooms
        self.numbering = Numbering()
        self._compose = compose(self.numbering)
        self.acknowledges = acknowledges
        self.on_acknowledged: Callable[[Talker], None] = _nothing
        self.on_complete: Callable[[], None] = _nothing
        self.sent = self.acked = self.completed = 0
        self.deliveries = self.deliveries_to_others = self.strays = 0
        self.refusals: Counter[str] = Counter()
        self.latencies = array("d")
        self.measured_from: int | None = None
        self.measured_to: int | None = None
        self._due = array("d")
        self._senders: list[Talker] = []
        self._left = array("l")
        for room in rooms:
            room.begin(self)

    @property
    def talkers(self) -> list[Talker]:
        """Everybody."""
        return [talker for room in self.rooms for talker in room.members]

    def send(self, talker: Talker, due: float | None = None) -> None:
        """Let `talker` say one thing, which was due at `due` (now).

        Who was cut off says nothing more; the rounds tell of them.
        """
        if talker.closed is not None:
            return
        number = self.sent
        self.sent = number + 1
        self._due.append(due or perf_counter())
        self._senders.append(talker)
        self._left.append(len(talker.room.members))
        talker.transport.write(self._compose(talker, number))

    def acknowledged(self, talker: Talker) -> None:
        """An ack has come."""
        self.acked += 1
        self.on_acknowledged(talker)

    def delivered(self, talker: Talker, client_id: str) -> bool:
        """A message has come to `talker`. False when it is not one of this window's."""
        number = self.numbering.number(client_id)
        if number is None:
            self.strays += 1
            return False
        self.deliveries += 1
        if self._senders[number] is not talker:
            self.deliveries_to_others += 1
            if self._measured(number):
                self.latencies.append(perf_counter() - self._due[number])
        self._left[number] -= 1
        if self._left[number] == 0:
            self.completed += 1
            self.on_complete()
        return True

    def refused(self, code: str) -> None:
        """A command was refused."""
        self.refusals[code] += 1

    def end(self) -> None:
        """No more is sent."""
        self.on_acknowledged = self.on_complete = _nothing

    async def settled(self, within: float) -> bool:
        """Whether all that was sent is answered and delivered within so many seconds."""
        until = perf_counter() + within
        while not self._all_done():
            if perf_counter() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    def faults(self) -> Counter[str]:
        """Lost, duplicated and reordered entries, over all clients."""
        return sum((room.faults() for room in self.rooms), Counter(lost=0))

    def _all_done(self) -> bool:
        expected = self.sent - self.refusals.total()
        return self.completed >= expected and (not self.acknowledges or self.acked >= expected)

    def _measured(self, number: int) -> bool:
        return (
            self.measured_from is not None
            and number >= self.measured_from
            and (self.measured_to is None or number < self.measured_to)
        )


def _nothing(*_: object) -> None:
    pass
