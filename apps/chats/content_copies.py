"""Copies of messages' content that apps above have. They go with the content.

class IntegrationsConfig(AppConfig):
    def ready(self) -> None:
        register_copies("webhook_log", forget)
"""

from collections.abc import Callable
from uuid import UUID

# Takes a chat and the entries whose content goes: from the first seq, up to but without the second.
# Called under the chat's lock, in the transaction that takes the content. Returns how many copies
# there were.
Forget = Callable[[UUID, int, int], int]

_registered: dict[str, Forget] = {}


def register_copies(name: str, forget: Forget) -> None:
    """Call `forget` when content is deleted or hidden. Receipts of deletions count it as `name`."""
    _registered[name] = forget


def forget_copies(chat_id: UUID, first: int, end: int) -> dict[str, int]:
    """Delete the copies of the content of the entries from `first` up to, but without, `end`.
    Returns how many there were, by name."""
    return {name: forget(chat_id, first, end) for name, forget in _registered.items()}
