"""The level of the log of this process, which administrators change while it runs."""

import logging
from collections.abc import Mapping

_root = logging.getLogger()
# The level that this process began with: workers begin with another one than web processes.
_first: int | None = None


def apply(counting: Mapping[str, str]) -> None:
    """Set the level, if somebody has set one; otherwise it is again that of the start."""
    global _first
    wanted = counting.get("LOG_LEVEL")
    if _first is None:
        if wanted is None:
            return
        _first = _root.level
    level = logging.getLevelNamesMapping().get(wanted or "", _first)
    if _root.level != level:
        _root.setLevel(level)
