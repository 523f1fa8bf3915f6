"""The `Range` header of a request (RFC 9110, section 14)."""

import re

# Longer numbers are no positions in a file.
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(Exception):
    """The range begins after the end of the content."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Where the requested part of `size` bytes begins and ends (exclusive).

    None without a valid header, or for several ranges: then all of the content is the response, as
    the standard allows. Raises Unsatisfiable.
    """
    found = RANGE.fullmatch(header.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        if last and int(last) < int(first):
            return None
        start, end = int(first), min(size, int(last) + 1) if last else size
    if start >= size:
        raise Unsatisfiable
    return start, end
