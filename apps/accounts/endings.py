"""What each app ends when an account is closed: one list, filled by the apps themselves.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            ends_with_account("chats", closing.close_account)

`accounts.actions.accounts.deactivate` calls them all in its transaction. An app that keeps nothing
of its own registers the reason why not (`ends_with_sessions`, `asks_each_time`), so that a test can
tell it from an app that forgot.
"""

from collections.abc import Callable
from uuid import UUID

Ending = Callable[[UUID], None]
_endings: dict[str, Ending] = {}


def ends_with_account(app: str, ending: Ending) -> None:
    """Call `ending` with the person when their account is closed."""
    _endings[app] = ending


def ends_with_sessions(user_id: UUID) -> None:
    """For an app whose things belong to a session and go with it."""


def asks_each_time(user_id: UUID) -> None:
    """For an app whose every change asks, under its lock, whether the account is open."""


def end_access(user_id: UUID) -> None:
    """Call all of them, the upper apps first: they lock in the order of docs/locks.md."""
    for ending in reversed(_endings.values()):
        ending(user_id)


def apps() -> set[str]:
    """The labels of the apps that registered."""
    return set(_endings)
