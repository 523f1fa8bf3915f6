"""Compares the records of senders and readers with what is stored, as one line of figures."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from apps.chats.models import Chat, Message
from tests.support.client import Device


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
        stored = {str(row[5]): (str(row[0]), row[1], row[2], str(row[3])) for row in rows}
        faults = {
            "lost": sum(stored.get(key) != position for key, position in self.acked.items()),
            "dup": len(rows) - len({row[3:] for row in rows}) + len(rows) - len(stored),
            "gap": gaps(chats),
            "reorder": sum(map(reorders, self.readers)),
            "missing": sum(missing(reader, stored) for reader in self.readers),
        }
        figures = {"sent": self.sent, "acked": len(self.acked), "stored": len(rows)} | faults
        line = " ".join(f"{name}={value}" for name, value in figures.items())
        print(f"\nfault={self.fault} injections={self.injections} {line}")
        return faults


def gaps(chats: list[UUID]) -> int:
    """The number of chats whose seqs are not 1..n, or whose heads are not n."""
    wrong = 0
    for chat in Chat.objects.filter(id__in=chats):
        entries = Message.objects.filter(chat_id=chat.id).order_by("seq")
        seqs, revs = zip(*entries.values_list("seq", "rev"), strict=True)
        expected = tuple(range(1, len(seqs) + 1))
        wrong += not (seqs == expected == tuple(sorted(revs)) and chat.last_seq == len(seqs))
    return wrong


def reorders(reader: Device) -> int:
    """How often a device applied an entry that was not newer than all previous ones."""
    last: Counter[str] = Counter()
    wrong = 0
    for chat, rev, _, _ in reader.state.applied:
        wrong += rev <= last[chat]
        last[chat] = max(rev, last[chat])
    return wrong


def missing(reader: Device, stored: dict[str, tuple[str, int, int, str]]) -> int:
    """Stored entries of the reader's chats that the device does not hold, or holds differently."""
    theirs = reader.state.messages
    return sum(
        theirs[chat].get(seq, {}).get("id") != id_
        for chat, seq, _, id_ in stored.values()
        if chat in theirs
    )
