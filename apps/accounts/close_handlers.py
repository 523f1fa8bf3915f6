"""What each app ends when an account is closed: one list, filled by the apps themselves.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_close_handler("chats", closing.close_account)

`accounts.actions.accounts.deactivate` calls them all in its transaction. An app that keeps nothing
of its own registers the reason why not (`ends_with_its_sessions`, `checks_on_each_change`), so that
a test can tell it from an app that forgot.
"""

from collections.abc import Callable
from uuid import UUID

CloseHandler = Callable[[UUID], None]
_handlers: dict[str, CloseHandler] = {}


def register_close_handler(app: str, handler: CloseHandler) -> None:
    """Call `handler` with the person when their account is closed."""
    _handlers[app] = handler


def ends_with_its_sessions(user_id: UUID) -> None:
    """For an app whose things belong to a session and go with it."""


def checks_on_each_change(user_id: UUID) -> None:
    """For an app whose every change asks, under its lock, whether the account is open."""


def run_close_handlers(user_id: UUID) -> None:
    """Call all of them, the upper apps first: they lock in the order of docs/locks.md."""
    for handler in reversed(_handlers.values()):
        handler(user_id)


def registered_apps() -> set[str]:
    """The labels of the apps that registered."""
    return set(_handlers)
