"""The rules of moderators about texts, as chats know them.

    class ModerationConfig(AppConfig):
        def ready(self) -> None:
            register_content_rules(Rules(...))

Without rules, nothing is checked.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID


class Verdict(NamedTuple):
    """What the rules say of a text: whether it is refused, and the ids of rules that hold it, and
    of those that flag it."""

    refused: bool = False
    flagged_by: Collection[int] = ()
    held_by: Collection[int] = ()


class Rules(NamedTuple):
    """`refresh` reads the rules again where they are older than some seconds. `judge` asks no
    database. `flag` tells the moderators of the message of a chat at seq, under the chat's lock.
    `describe` returns the rules of these ids, as moderators read them. `tell_held` tells moderators
    that a message of this sender waits for them, or (False) that it does not wait any more; call it
    after all other locks."""

    refresh: Callable[[], None]
    judge: Callable[[str], Verdict]
    flag: Callable[[UUID, int, Collection[int]], None]
    describe: Callable[[Collection[int]], str]
    tell_held: Callable[[UUID, bool], None]


def _nothing(*_: object) -> None:
    pass


_registered = Rules(_nothing, lambda _: Verdict(), _nothing, lambda _: "", _nothing)


def register_content_rules(rules: Rules) -> None:
    """Check messages by these rules."""
    global _registered
    _registered = rules


def content_rules() -> Rules:
    """The rules that are registered."""
    return _registered
