"""What the apps above lock before two people part: before a contact is removed or blocked.

A change that needs the contact judges it under a lock of its own. Taking that lock first makes the
order exact: once the removal has committed, no change that relied on the contact commits.
"""

from collections.abc import Callable
from uuid import UUID

Lock = Callable[[UUID, UUID], None]
_locks: list[Lock] = []


def register_contact_lock(lock: Lock) -> None:
    """Register a function that locks what two people share; call it in `AppConfig.ready`."""
    _locks.append(lock)


def lock_contact(one: UUID, other: UUID) -> None:
    """Lock what the two share until the commit; call it before any other lock is taken."""
    for lock in _locks:
        lock(one, other)
