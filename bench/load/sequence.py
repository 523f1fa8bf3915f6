"""Checks the order of the entries that one client receives in one chat."""

from collections.abc import Iterable


class SequenceCheck:
    """Counts duplicated, reordered and lost entries by their `seq`.

    Seqs may have gaps (the stock reference has one serial for all chats). An entry without a gap
    before it costs one comparison.
    """

    __slots__ = ("_ahead", "_highest", "_through", "duplicated", "reordered")

    def __init__(self, *, after: int = 0) -> None:
        """`after`: the last seq of the chat before the first entry to check."""
        self._through = after
        self._highest = after
        self._ahead: set[int] = set()
        self.duplicated = 0
        self.reordered = 0

    def add(self, seq: int) -> None:
        """Count an entry that has arrived."""
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
        """The number of acknowledged seqs that never arrived."""
        return sum(seq > self._through and seq not in self._ahead for seq in acknowledged)
