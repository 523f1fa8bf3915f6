"""Compares the records of senders and readers with what is stored, as one line of figures."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from apps.chats.models import Chat, Message
from tests.support.client import Device

# Chat, seq, rev, id, sender, client id of a stored message.
Row = tuple[UUID, int, int, UUID, UUID | None, UUID | None]


@dataclass
class Ledger:
    """Records of one test. `acked`: client id → (chat, seq, rev, id) as acknowledged; `readers`:
    devices, with the events they applied."""

    fault: str
    injections: int = 0
    sent: int = 0
    acked: dict[str, tuple[str, int, int, str]] = field(default_factory=dict)
    readers: list[Device] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def ack(self, client_id: str, event: dict) -> None:
        """Record an ack. A different ack for the same client id is a fault."""
        position = (event["chat"], event["seq"], event["rev"], event["id"])
        assert self.acked.setdefault(client_id, position) == position, "two acks for one client id"
        self._more.set()

    async def has_acked(self, amount: float) -> None:
        """Wait until so many are acknowledged."""
        while len(self.acked) < amount:
            self._more.clear()
            await self._more.wait()

    def compare(self, chats: list[UUID]) -> dict[str, int]:
        """Faults by name, all zero if the promises hold. Prints the line of figures."""
        rows = list(
            Message.objects.filter(chat_id__in=chats)
            .order_by("chat_id", "seq")
            .values_list("chat_id", "seq", "rev", "id", "sender_id", "client_id")
        )
        heads = dict(Chat.objects.filter(id__in=chats).values_list("id", "last_seq"))
        return self.judge(rows, heads)

    def judge(
        self,
        rows: list[Row],
        heads: dict[UUID, int],
        *,
        since: int = 0,
        figures: Mapping[str, object] = MappingProxyType({}),
    ) -> dict[str, int]:
        """`compare` with rows that were read elsewhere, in order, and the last seq of each chat.
        Readers came after the seq `since`. Prints `figures` after its own."""
        stored = {str(row[5]): (str(row[0]), row[1], row[2], str(row[3])) for row in rows}
        faults = {
            "lost": sum(stored.get(key) != position for key, position in self.acked.items()),
            "dup": len(rows) - len({row[3:] for row in rows}) + len(rows) - len(stored),
            "gap": gaps(rows, heads),
            "reorder": sum(map(reorders, self.readers)),
            "missing": sum(missing(reader, stored, since) for reader in self.readers),
        }
        counts = {"sent": self.sent, "acked": len(self.acked), "stored": len(rows)}
        line = " ".join(
            f"{name}={value}" for name, value in {**counts, **faults, **figures}.items()
        )
        print(f"\nfault={self.fault} injections={self.injections} {line}")
        return faults


def gaps(rows: list[Row], heads: dict[UUID, int]) -> int:
    """The number of chats whose seqs are not 1..n, or whose heads are not n."""
    wrong = 0
    for chat, head in heads.items():
        seqs = [row[1] for row in rows if row[0] == chat]
        revs = [row[2] for row in rows if row[0] == chat]
        wrong += not (seqs == list(range(1, head + 1)) and revs == sorted(revs))
    return wrong


def reorders(reader: Device) -> int:
    """How often a device applied an entry that was not newer than all previous ones."""
    last: Counter[str] = Counter()
    wrong = 0
    for chat, rev, _, _ in reader.state.applied:
        wrong += rev <= last[chat]
        last[chat] = max(rev, last[chat])
    return wrong


def missing(reader: Device, stored: dict[str, tuple[str, int, int, str]], since: int) -> int:
    """Stored entries of the reader's chats, after the seq `since`, that the device does not hold,
    or holds differently."""
    theirs = reader.state.messages
    return sum(
        theirs[chat].get(seq, {}).get("id") != id_
        for chat, seq, _, id_ in stored.values()
        if chat in theirs and seq > since
    )
