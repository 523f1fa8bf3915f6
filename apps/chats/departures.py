"""Which bots leave a group with a person: an upper app knows what each bot is for."""

from collections.abc import Callable
from uuid import UUID

Find = Callable[[UUID, UUID], list[UUID]]


def _none(chat_id: UUID, person: UUID) -> list[UUID]:
    return []


_find: Find = _none


def register_companions(find: Find) -> None:
    """Call `find` with a chat and the person who leaves it. Call it in `AppConfig.ready`."""
    global _find
    _find = find


def companions(chat_id: UUID, person: UUID) -> list[UUID]:
    """The members of the chat who leave it with this person."""
    return _find(chat_id, person)
