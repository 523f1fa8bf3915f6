"""The functions that end a person's access in each app when their account is closed.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_close_handler("chats", closing.close_account)

`accounts.actions.accounts.deactivate` calls them all in its transaction. An app with nothing to end
registers one of the no-op handlers below, which name the reason. So a test can tell it from an app
that forgot to register.
"""

from collections.abc import Callable
from uuid import UUID

CloseHandler = Callable[[UUID], None]
_handlers: dict[str, CloseHandler] = {}


def register_close_handler(app: str, handler: CloseHandler) -> None:
    """Call `handler` with the person when their account is closed."""
    _handlers[app] = handler


def ends_with_its_sessions(user_id: UUID) -> None:
    """A no-op, for an app whose data belongs to sessions and ends with them."""


def checks_on_each_change(user_id: UUID) -> None:
    """A no-op, for an app whose every change checks under its lock that the account is open."""


def run_close_handlers(user_id: UUID) -> None:
    """Call all handlers. Those of the upper apps first: that is the lock order of docs/locks.md."""
    for handler in reversed(_handlers.values()):
        handler(user_id)


def registered_apps() -> set[str]:
    """The labels of the apps that registered."""
    return set(_handlers)
