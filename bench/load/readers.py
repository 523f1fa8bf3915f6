"""People who look at their chats: they report what they have read, at most once a second."""

import asyncio
from collections import Counter
from time import perf_counter
from typing import Any

from bench.load.client import ChatClient, CrowdClient
from bench.load.events import (
    AckEvent,
    ErrorEvent,
    LoadEvent,
    MessageEvent,
    ReceiptEvent,
    WelcomeEvent,
)
from bench.load.window import Window
from chatproject.load.framing import encode_frame

# As the browser (static/realtime/worker/receipts.js).
REPORT_INTERVAL_S = 1.0
RECEIPT = "read-"


class ReadingClient(CrowdClient):
    """A member with the chat open. Reads each message as it arrives.

    The first report leaves at once; what is read while one is under way, or within a second, is in
    the next one.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.person = ""
        # How far each member has read, as this client learns it.
        self.positions: Counter[str] = Counter()
        self.reads = 0
        self.reported = 0
        self._reported_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def handle(self, event: LoadEvent) -> None:
        """Handle one event."""
        kind = type(event)
        if kind is MessageEvent:
            entry = event.message
            self._note(entry.sender, entry.seq)
            if entry.sender != self.person:
                self.reads = max(self.reads, entry.seq)
                self._plan()
            super().handle(event)
        elif kind is ReceiptEvent:
            self._note(event.position.person, event.position.read)
        elif kind in (AckEvent, ErrorEvent) and (event.ref or "").startswith(RECEIPT):
            self._replied(event)
        elif kind is WelcomeEvent:
            self.person = event.me.id
        else:
            super().handle(event)

    def _note(self, person: str, seq: int) -> None:
        if seq > self.positions[person]:
            self.positions[person] = seq

    def _plan(self) -> None:
        if self._timer is None and self.closed is None:
            loop = asyncio.get_running_loop()
            wait = self._reported_at + REPORT_INTERVAL_S - loop.time()
            self._timer = loop.call_later(max(0, wait), self._report)

    def _report(self) -> None:
        loop = asyncio.get_running_loop()
        seq, window = self.reads, self.window
        if seq <= self.reported or not isinstance(window, ReadingWindow):
            self._timer = None
            return
        self.reported = seq
        self._reported_at = loop.time()
        window.reported(self, seq)
        position = f'{{"chat":"{self.chat.id}","read":{seq},"delivered":{seq}}}'
        command = (
            f'{{"type":"receipts","ref":"{RECEIPT}{seq}","visible":true,"positions":[{position}]}}'
        )
        self.transport.write(encode_frame(command.encode()))

    def _replied(self, event: AckEvent | ErrorEvent) -> None:
        self._timer = None
        if isinstance(self.window, ReadingWindow):
            self.window.replied(self, refused=getattr(event, "code", None))
        if self.reads > self.reported:
            self._plan()


class ReadingWindow(Window):
    """A window that also counts receipts: each is acknowledged, and moves the position that all
    members see."""

    def __init__(self, **arguments: Any) -> None:
        self._reported_at: dict[ChatClient, float] = {}
        super().__init__(**arguments)

    def reported(self, client: ChatClient, seq: int) -> None:
        """A report leaves."""
        self._reported_at[client] = perf_counter()

    def replied(self, client: ChatClient, *, refused: str | None) -> None:
        """Count the reply to a report."""
        if refused is not None:
            self.refusals[f"receipt {refused}"] += 1
            return
        self.receipts_acked += 1
        began = self._reported_at.pop(client, None)
        if self.measured_from is not None and self.measured_to is None and began is not None:
            self.receipt_latencies.append(perf_counter() - began)

    def all_done(self) -> bool:
        """Whether nothing is under way, and everybody knows what everybody has read."""
        return super().all_done() and not self._receipt_faults().total()

    def faults(self) -> Counter[str]:
        """Faults of messages, receipts that were not acknowledged, and positions that a member
        does not know."""
        return super().faults() + self._receipt_faults()

    def _receipt_faults(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for chat in self.chats:
            members = [each for each in chat.members if isinstance(each, ReadingClient)]
            heads = {each.person: each.reported for each in members}
            found["receipts unacknowledged"] += sum(each in self._reported_at for each in members)
            found["positions unknown"] += sum(
                each.positions[person] < seq for each in members for person, seq in heads.items()
            )
        return found
