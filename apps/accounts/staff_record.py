"""Where what staff and operators do to accounts is recorded: the audit log, in an app above.

class ModerationConfig(AppConfig):
    def ready(self) -> None:
        register_recorder(entry)
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID


class Deed(NamedTuple):
    """What was done. `by`: a member of staff in the admin; None: an operator with a command, or
    the server itself (`by_server`), for example because the identity provider said so."""

    action: str
    by: UUID | None
    person: UUID | None
    details: Mapping[str, Any]
    by_server: bool = False


_recorders: dict[str, Callable[[Deed], None]] = {}


def register_recorder(app: str, record: Callable[[Deed], None]) -> None:
    """Call `record` for each deed. A second call of an app replaces it."""
    _recorders[app] = record


def record_deed(
    action: str,
    *,
    by: UUID | None,
    person: UUID | None = None,
    **details: Any,
) -> None:
    """Record a deed. Call it as the last statement of the transaction of the change."""
    _record(Deed(action, by, person, details))


def record_following(action: str, *, person: UUID, **details: Any) -> None:
    """As `record_deed`, of what the server itself did, because a service told it to."""
    _record(Deed(action, None, person, details, by_server=True))


def _record(deed: Deed) -> None:
    for record in _recorders.values():
        record(deed)
