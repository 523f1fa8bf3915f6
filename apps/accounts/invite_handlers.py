"""Invite links of other apps with which somebody may register, too.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_invite_links(describe=invite_links.describe, accept=invite_links.accept)

`describe` returns what a secret invites to, and raises NotFound if it is not that of a usable link.
`accept` runs in the transaction that
creates the account; when it raises Refused, there is no account.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from apps.core.errors import NotFound


class Invitation(NamedTuple):
    """What a link invites to: a group, or (`group` is empty) to be in touch with the inviter, whose
    name may be empty."""

    inviter: str
    group: str = ""
    members: int = 0


Describe = Callable[[str], Invitation]
Accept = Callable[[UUID, str], object]

_links: list[tuple[Describe, Accept]] = []


def register_invite_links(*, describe: Describe, accept: Accept) -> None:
    """Let people register with these links."""
    if (describe, accept) not in _links:
        _links.append((describe, accept))


def find_accept(secret: str) -> Accept | None:
    """The function that accepts the link with this secret, or None without such a link."""
    found = _find(secret)
    return found and found[1]


def find_invitation(secret: str) -> Invitation | None:
    """What the link with this secret invites to, or None without such a link."""
    found = _find(secret)
    return found and found[0]


def _find(secret: str) -> tuple[Invitation, Accept] | None:
    for describe, accept in _links:
        try:
            return describe(secret), accept
        except NotFound:
            continue
    return None
