"""What becomes of a message's content that people delete while a hold covers its chat. Holds are
of an app above.

    class RetentionConfig(AppConfig):
        def ready(self) -> None:
            register_holds(keep, covered)
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from apps.chats.linked_rows import Rows, read_linked_rows


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


# Takes the content, and a function that reads who reacted and voted (`read_linked_rows`). Returns
# whether all of it is kept: then its files go on counting as used.
Keep = Callable[[Content, Callable[[], dict[str, Rows]]], bool]
# Those of some chats that a hold covers.
Covered = Callable[[Collection[UUID]], set[UUID]]


def _keep_nothing(content: Content, read_rows: Callable[[], dict[str, Rows]]) -> bool:
    return False


def _none_covered(chats: Collection[UUID]) -> set[UUID]:
    return set()


_registered: Keep = _keep_nothing
_covered: Covered = _none_covered


def register_holds(keep: Keep, covered: Covered) -> None:
    """Call `keep` under the chat's lock before content, reactions and linked rows are deleted."""
    global _registered, _covered
    _registered, _covered = keep, covered


def keep_if_held(content: Content) -> bool:
    """Keep the content if a hold covers the chat. Returns whether it is kept."""
    return _registered(content, partial(read_linked_rows, content.chat_id, content.seq))


def chats_on_hold(chats: Collection[UUID]) -> set[UUID]:
    """Those of `chats` that a hold covers. Under a chat's lock, no hold of it begins."""
    return _covered(chats)
