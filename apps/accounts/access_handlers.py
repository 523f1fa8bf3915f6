"""The functions that end a person's access in each app, and count what of it is left.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_access("chats", end=account_closure.end, left=account_closure.left)

`accounts.actions.access.end_access` calls them in its transaction. An app with nothing to end
registers `end` as one of the no-op handlers below, which name the reason. So a test can tell it
from an app that forgot to register.
"""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple
from uuid import UUID

SESSIONS = "sessions"


class Scope(NamedTuple):
    """Whose access ends, and how much of it.

    `account`: everything, because the account is closed; `for_a_time`: it opens again at a known
    time, and what cannot be given back, as the ownership of groups, stays. Otherwise only what
    belongs to sign-ins: all of them, or those in `only`, by kind (`{SESSIONS: [key, …]}`; an app
    with devices of its own adds a kind).
    """

    user_id: UUID
    account: bool = False
    for_a_time: bool = False
    only: Mapping[str, Collection[str]] | None = None

    def named(self, kind: str) -> list[str] | None:
        """The ids of this kind that end; None: all of the person."""
        return None if self.only is None else list(self.only.get(kind, ()))


class Ended(NamedTuple):
    """What a handler has ended: how many of each kind (the kind is what an administrator reads),
    and the names (`queries.sessions.session_hash`) under which live connections know it."""

    counts: Mapping[str, int] = {}
    connected_as: Collection[str] = ()


End = Callable[[Scope], Ended]
Left = Callable[[UUID], Mapping[str, int]]
# From the old key of a session, and to the new one.
Move = Callable[[str, str], None]


class Handlers(NamedTuple):
    """The functions of one app. `left` counts what a person with a closed account still has; it
    should be zero."""

    end: End
    left: Left


_handlers: list[tuple[str, Handlers]] = []
_moves: list[Move] = []


def nothing_left(user_id: UUID) -> Mapping[str, int]:
    """For apps that have nothing of their own to count."""
    return {}


def register_access(app: str, *, end: End, left: Left = nothing_left) -> None:
    """Call `end` when a person's access ends. An app may register several, one for each kind of
    access; the last one is called first."""
    _handlers.append((app, Handlers(end, left)))


def register_move(move: Move) -> None:
    """Call `move` in the transaction that gives a session a new key, before the old row, and what
    the database deletes with it, goes."""
    _moves.append(move)


def moves() -> list[Move]:
    """The functions that take what belongs to a session to its new key."""
    return _moves


def ends_with_its_sessions(scope: Scope) -> Ended:
    """A no-op, for an app whose data belongs to sessions and ends with them."""
    return Ended()


def checks_on_each_change(scope: Scope) -> Ended:
    """A no-op, for an app whose every change checks under its lock that the account is open."""
    return Ended()


def gives_no_access(scope: Scope) -> Ended:
    """A no-op, for an app whose data about a person lets nobody do anything."""
    return Ended()


def handlers() -> list[Handlers]:
    """All handlers. Those of the upper apps first: that is the lock order of docs/locks.md."""
    return [each for _, each in reversed(_handlers)]


def registered_apps() -> set[str]:
    """The labels of the apps that registered."""
    return {app for app, _ in _handlers}
