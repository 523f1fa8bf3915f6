"""The locks that upper apps need taken before a contact is removed or a person is blocked.

A change that depends on a contact checks it under a lock of its own app. Removing the contact takes
the same lock first. So no change that relied on the contact commits after the removal.
"""

from collections.abc import Callable
from uuid import UUID

Lock = Callable[[UUID, UUID], None]
_locks: list[Lock] = []


def register_contact_lock(lock: Lock) -> None:
    """Register a function that locks what depends on a contact. Call it in `AppConfig.ready`."""
    _locks.append(lock)


def lock_contact(one: UUID, other: UUID) -> None:
    """Lock what depends on the contact of two people, until the commit. Call it before any other
    lock is taken."""
    for lock in _locks:
        lock(one, other)
