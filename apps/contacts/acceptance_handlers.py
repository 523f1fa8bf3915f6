"""What upper apps do when two people become contacts, in the same transaction."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID


class Acceptance(NamedTuple):
    """An accepted invitation. `greeting`: what the inviter said with it; may be empty."""

    accepter: UUID
    inviter: UUID
    greeting: str


Handler = Callable[[Acceptance], None]
_handlers: list[Handler] = []


def register_acceptance(handler: Handler) -> None:
    """Call `handler` for each acceptance, with the direct chat (`contact_locks`) and then the
    streams of both locked. Call it in `AppConfig.ready`."""
    _handlers.append(handler)


def accepted(acceptance: Acceptance) -> None:
    """Two people have become contacts."""
    for handler in _handlers:
        handler(acceptance)
