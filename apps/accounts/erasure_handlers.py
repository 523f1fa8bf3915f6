"""The functions that erase what each app stores about a person whose account is deleted.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_erasure("chats", erasure.erase)

`accounts.actions.erasing` calls them once the account is closed, in the order of registration, each
in a transaction of its own, and again until nothing is left. So a function erases a bounded part,
remembers nothing, and returns how many of each kind that was. What clients of others hold is not
deleted but emptied under a new rev.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

Erased = Mapping[str, int]
Erase = Callable[[UUID], Erased]

_handlers: dict[str, Erase] = {}


def register_erasure(app: str, erase: Erase) -> None:
    """Call `erase` for each deleted account. A second call of an app replaces it."""
    _handlers[app] = erase


def stores_nothing(user_id: UUID) -> Erased:
    """For an app without data of its own about people."""
    return {}


def erasures() -> list[Erase]:
    """The functions of all apps."""
    return list(_handlers.values())


def registered_erasures() -> set[str]:
    """The labels of the apps that registered."""
    return set(_handlers)
