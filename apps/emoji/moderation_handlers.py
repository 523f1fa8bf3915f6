"""What the app of moderators, above this one, does for custom emoji.

    class ModerationConfig(AppConfig):
        def ready(self) -> None:
            register_moderation(Moderation(...))

Without it, nobody moderates.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple
from uuid import UUID

Door = Literal["api", "admin"]


class Moderation(NamedTuple):
    """`moderates`: whether the person with this id moderates. `record` writes into the audit log,
    as the last statement of the change, that this person removed an emoji: where (`Door`), its
    name, and who made it."""

    moderates: Callable[[UUID], bool]
    record: Callable[[UUID, Door, str, UUID | None], None]


def _not_recorded(by: UUID, door: Door, name: str, made_by: UUID | None) -> None:
    pass


_registered = Moderation(lambda _: False, _not_recorded)


def register_moderation(moderation: Moderation) -> None:
    """Ask these functions. A second call replaces the first one."""
    global _registered
    _registered = moderation


def moderation() -> Moderation:
    """The functions that are registered."""
    return _registered
