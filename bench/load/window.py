"""A measurement window: the messages that were sent in it, and their deliveries."""

import asyncio
from array import array
from collections import Counter
from collections.abc import Callable
from time import perf_counter

from bench.load.client import ChatClient, ChatUnderLoad
from bench.load.frames import FrameFactory, MessageIds, send_frames


class Window:
    """Counts sends, acknowledgements and deliveries. A workload decides when to send.

    A message is delivered to all members of its chat, its sender included. Latencies are those of
    the other members, from the moment at which the message was due.
    """

    def __init__(
        self,
        *,
        chats: list[ChatUnderLoad],
        make_frame: Callable[[MessageIds], FrameFactory] = send_frames,
        acknowledges: bool = True,
    ) -> None:
        self.chats = chats
        self.ids = MessageIds()
        self._make_frame = make_frame(self.ids)
        self.acknowledges = acknowledges
        self.on_acknowledged: Callable[[ChatClient], None] = _nothing
        self.on_complete: Callable[[], None] = _nothing
        self.on_refused: Callable[[ChatClient, str, str | None], bool] = _is_final
        self.sent = self.acked = self.completed = 0
        self.deliveries = self.unexpected = self.receipts_acked = 0
        self.refusals: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.latencies = array("d")
        self.receipt_latencies = array("d")
        self.measured_from: int | None = None
        self.measured_to: int | None = None
        self._due = array("d")
        self._senders: list[ChatClient] = []
        self._left = array("l")
        for chat in chats:
            chat.begin(self)

    @property
    def clients(self) -> list[ChatClient]:
        """All clients."""
        return [client for chat in self.chats for client in chat.members]

    def send(self, client: ChatClient, due: float | None = None) -> None:
        """Have `client` send a message that was due at `due` (default: now).

        Does nothing if the client was disconnected; the notes of the result name such clients.
        """
        if client.closed is not None:
            return
        number = self.sent
        self.sent = number + 1
        self._due.append(due or perf_counter())
        self._senders.append(client)
        self._left.append(len(client.chat.members))
        client.transport.write(self._make_frame(client, number))

    def send_again(self, client: ChatClient, number: int) -> None:
        """Have `client` send the message with this number once more."""
        if client.closed is None:
            client.transport.write(self._make_frame(client, number))

    def acknowledged(self, client: ChatClient) -> None:
        """Count an ack."""
        self.acked += 1
        self.on_acknowledged(client)

    def delivered(self, client: ChatClient, client_id: str) -> bool:
        """Count a message that `client` has received. Returns whether this window sent it."""
        number = self.ids.number(client_id)
        if number is None:
            self.unexpected += 1
            return False
        self.deliveries += 1
        if self._senders[number] is not client and self._measured(number):
            self.latencies.append(perf_counter() - self._due[number])
        self._left[number] -= 1
        if self._left[number] == 0:
            self.completed += 1
            self.on_complete()
        return True

    def refused(self, client: ChatClient, code: str, ref: str | None) -> None:
        """Count a refused command. `on_refused` says whether the client sends it again."""
        if self.on_refused(client, code, ref):
            self.repeated[code] += 1
        else:
            self.refusals[code] += 1

    def end(self) -> None:
        """Send no more messages."""
        self.on_acknowledged = self.on_complete = _nothing
        self.on_refused = _is_final

    async def settled(self, within: float) -> bool:
        """Whether all messages are acknowledged and delivered within so many seconds."""
        until = perf_counter() + within
        while not self.all_done():
            if perf_counter() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    def faults(self) -> Counter[str]:
        """Lost, duplicated and reordered entries of all clients."""
        return sum((chat.faults() for chat in self.chats), Counter(lost=0))

    def all_done(self) -> bool:
        """Whether nothing is under way."""
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


def _is_final(*_: object) -> bool:
    return False
