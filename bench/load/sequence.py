"""What one client has seen of one chat, and what is wrong with it."""

from collections.abc import Iterable


class SequenceCheck:
    """Judges entries by their `seq`, in the order in which they arrive.

    Numbers need not follow each other without a gap (the stock reference has one serial
    for all chats); those that do cost one comparison each.
    """

    __slots__ = ("_ahead", "_highest", "_through", "duplicated", "reordered")

    def __init__(self, *, after: int = 0) -> None:
        """`after`: the chat's last seq before the first entry that is to be judged."""
        self._through = after
        self._highest = after
        self._ahead: set[int] = set()
        self.duplicated = 0
        self.reordered = 0

    def add(self, seq: int) -> None:
        """Take in one entry."""
        if seq == self._highest + 1 and not self._ahead:
            self._through = self._highest = seq
            return
        if seq <= self._through or seq in self._ahead:
            self.duplicated += 1
            return
        if seq < self._highest:
            self.reordered += 1
        else:
            self._highest = seq
        self._ahead.add(seq)
        while self._through + 1 in self._ahead:
            self._through += 1
            self._ahead.remove(self._through)

    def lost(self, acknowledged: Iterable[int]) -> int:
        """How many of the acknowledged seqs never came."""
        return sum(seq > self._through and seq not in self._ahead for seq in acknowledged)
