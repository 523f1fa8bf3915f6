"""What becomes of a message's content that people delete while a hold covers its chat. Holds are
of an app above.

    class RetentionConfig(AppConfig):
        def ready(self) -> None:
            register_holds(keep)
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class Content(NamedTuple):
    """What is about to be taken out of a message. `former`: former texts, as dictionaries."""

    chat_id: UUID
    seq: int
    sender_id: UUID
    text: str
    former: Sequence[dict[str, Any]]
    files: list[dict[str, Any]] | None
    layout: dict[str, Any] | None
    deleted_at: datetime


# Returns whether the content is kept: then its files go on counting as used.
Keep = Callable[[Content], bool]


def _keep_nothing(content: Content) -> bool:
    return False


_registered: Keep = _keep_nothing


def register_holds(keep: Keep) -> None:
    """Call `keep` under the chat's lock before content is deleted."""
    global _registered
    _registered = keep


def keep_if_held(content: Content) -> bool:
    """Keep the content if a hold covers the chat. Returns whether it is kept."""
    return _registered(content)
