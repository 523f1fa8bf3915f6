"""The hash of an audit record: SHA-256 over its columns and the hash of the record before.

It can be computed from an export without Parley: `docs/moderation.md` says how.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# In this order, as a JSON list without spaces.
HASHED = (
    "number",
    "at",
    "action",
    "door",
    "by",
    "person",
    "chat",
    "seq",
    "report",
    "reason",
    "details",
    "previous",
)
# `previous` of the first record.
BEGINNING = "0" * 64


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The hashed columns as JSON has them: ids as text, the time in UTC with microseconds."""
    return {name: _plain(values[name]) for name in HASHED}


def hash_of(values: Mapping[str, Any]) -> str:
    """The hash of a record with these columns."""
    listed = [*plain(values).values()]
    text = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    # A text from the database has no lone surrogates; one that was tampered with must not crash.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
