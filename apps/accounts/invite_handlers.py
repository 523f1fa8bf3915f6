"""Invite links of other apps with which somebody may register, too.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_invite_links(exists=invite_links.exists, accept=invite_links.accept)

`exists` says whether a secret is that of a usable link. `accept` runs in the transaction that
creates the account; when it raises Refused, there is no account.
"""

from collections.abc import Callable
from uuid import UUID

Exists = Callable[[str], bool]
Accept = Callable[[UUID, str], object]

_links: list[tuple[Exists, Accept]] = []


def register_invite_links(*, exists: Exists, accept: Accept) -> None:
    """Let people register with these links."""
    if (exists, accept) not in _links:
        _links.append((exists, accept))


def find_accept(secret: str) -> Accept | None:
    """The function that accepts the link with this secret, or None without such a link."""
    return next((accept for exists, accept in _links if exists(secret)), None)
