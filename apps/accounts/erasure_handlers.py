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
from datetime import datetime
from uuid import UUID

Erased = Mapping[str, int]
Erase = Callable[[UUID], Erased]

_handlers: dict[str, Erase] = {}
# Called with the person, who asked for it, when it began, and what was erased.
Issue = Callable[[UUID, UUID | None, datetime, Erased], None]


def _never(user_id: UUID) -> bool:
    return False


def _nowhere(user_id: UUID, by: UUID | None, begun_at: datetime, removed: Erased) -> None:
    pass


_is_on_hold: Callable[[UUID], bool] = _never
_issue: Issue = _nowhere


def register_erasure(app: str, erase: Erase) -> None:
    """Call `erase` for each deleted account. A second call of an app replaces it."""
    _handlers[app] = erase


def register_hold(is_on_hold: Callable[[UUID], bool]) -> None:
    """Erase nothing of a person while `is_on_hold` is true of them: the account is only closed."""
    global _is_on_hold
    _is_on_hold = is_on_hold


def is_on_hold(user_id: UUID) -> bool:
    """Whether nothing of the person may be erased now."""
    return _is_on_hold(user_id)


def register_receipt(issue: Issue) -> None:
    """Call `issue` in the transaction that ends a deletion."""
    global _issue
    _issue = issue


def issue_receipt(user_id: UUID, by: UUID | None, begun_at: datetime, removed: Erased) -> None:
    """Issue the receipt of a deleted account."""
    _issue(user_id, by, begun_at, removed)


def stores_nothing(user_id: UUID) -> Erased:
    """For an app without data of its own about people."""
    return {}


def erasures() -> list[Erase]:
    """The functions of all apps."""
    return list(_handlers.values())


def registered_erasures() -> set[str]:
    """The labels of the apps that registered."""
    return set(_handlers)
