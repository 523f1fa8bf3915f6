"""A digest of the rows of a table that does not depend on their order."""

from hashlib import sha256

SIZE = 32


class RowDigest:
    """The sum of the SHA-256 of all rows, modulo 2²⁵⁶. A row is its line of PostgreSQL's text
    format of COPY, with the line feed.

    Two tables have the same rows exactly if counts and sums agree, but for chance.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: bytes) -> None:
        """Count one row."""
        self.rows += 1
        self._sum += int.from_bytes(sha256(row).digest(), "big")

    def add_lines(self, lines: bytes) -> None:
        """Count whole rows. Line breaks inside of values are written as two characters each."""
        for row in lines.splitlines(keepends=True):
            self.add(row)

    def hexdigest(self) -> str:
        """64 hex digits."""
        return format(self._sum % 2 ** (8 * SIZE), f"0{2 * SIZE}x")
