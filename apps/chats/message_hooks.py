"""Functions of plugins that see messages, as chats know them.

    register_message_hooks(Hooks(before=..., after=...))

`before` is called outside of any transaction and lock, and must return in time whatever a plugin
does. Without plugins that see messages, nothing is registered, and a send asks one question.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Union
from uuid import UUID

from django.db import transaction
from msgspec import Struct

if TYPE_CHECKING:
    # Django's settings import this module, and errors need settings.
    from apps.core.errors import RefusedByPlugin

# Chat, sender, client id and text: a send that is tried again within this time, because its chat
# was locked or its client had no response, is not asked about again.
MEMORY_S = 5.0
MAX_REMEMBERED = 10_000


class NewMessage(Struct, frozen=True):
    """A message that is about to be written. `client_id`: None for the new text of a message that
    is edited, whose `seq` is given."""

    sender: UUID
    chat: UUID
    text: str
    reply_to: int | None = None
    client_id: UUID | None = None
    seq: int | None = None


class WrittenMessage(Struct, frozen=True):
    """A message that was committed."""

    sender: UUID
    chat: UUID
    seq: int
    text: str
    reply_to: int | None = None


# Of one message: nothing, another text, or a refusal.
Decision = Union[str, "RefusedByPlugin", None]


class Hooks(NamedTuple):
    """`before` returns a decision for each message, in the same order; a changed text is a valid
    one. It raises nothing, and waits for a limited time. `after` takes messages in no time; it may
    lose them."""

    before: Callable[[Sequence[NewMessage]], Sequence[Decision]] | None = None
    after: Callable[[Sequence[WrittenMessage]], None] | None = None


_hooks = Hooks()
_lock = Lock()
_remembered: OrderedDict[NewMessage, tuple[float, Decision]] = OrderedDict()


def register_message_hooks(hooks: Hooks) -> None:
    """Have these functions see all messages from now on."""
    global _hooks
    _hooks = hooks
    _remembered.clear()


def has_hooks() -> bool:
    """Whether a plugin looks at messages before they are written."""
    return _hooks.before is not None


def decide(messages: Sequence[NewMessage]) -> Sequence[Decision]:
    """What plugins say of messages, in the same order. Call it outside of transactions."""
    if _hooks.before is None:
        return [None] * len(messages)
    now = time.monotonic()
    known = {one: each for one in messages if (each := _recall(one, now))}
    fresh = list(dict.fromkeys(one for one in messages if one not in known))
    if fresh:
        known |= {
            one: (now, decision) for one, decision in zip(fresh, _hooks.before(fresh), strict=True)
        }
        with _lock:
            for one in fresh:
                _remembered[one] = known[one]
                _remembered.move_to_end(one)
            _forget_old(now)
    return [known[one][1] for one in messages]


def tell_written(messages: Iterable[WrittenMessage]) -> None:
    """Tell plugins of messages, once the transaction is committed."""
    after = _hooks.after
    if after is not None and (written := list(messages)):
        transaction.on_commit(lambda: after(written), robust=True)


def _forget_old(now: float) -> None:
    """Forget what is not asked for again: texts are long, and may be deleted by now."""
    while _remembered:
        oldest, (at, _) = next(iter(_remembered.items()))
        if len(_remembered) <= MAX_REMEMBERED and now - at <= MEMORY_S:
            break
        del _remembered[oldest]


def _recall(message: NewMessage, now: float) -> tuple[float, Decision] | None:
    found = _remembered.get(message)
    return found if found is not None and now - found[0] <= MEMORY_S else None
