"""The locks that upper apps need taken before a contact is removed or a person is blocked.

A change that depends on a contact checks it under a lock of its own app. Removing the contact takes
the same lock first. So no change that relied on the contact commits after the removal.
"""

from collections.abc import Callable
from uuid import UUID

Lock = Callable[[UUID, UUID], None]
LockAll = Callable[[UUID], None]
_locks: list[tuple[Lock, LockAll]] = []


def register_contact_lock(lock: Lock, lock_all: LockAll) -> None:
    """Register functions that lock what depends on one contact, and on all contacts of a person.
    Call it in `AppConfig.ready`."""
    _locks.append((lock, lock_all))


def lock_contact(one: UUID, other: UUID) -> None:
    """Lock what depends on the contact of two people, until the commit. Call it before any other
    lock is taken."""
    for lock, _ in _locks:
        lock(one, other)


def lock_contacts_of(user_id: UUID) -> None:
    """As `lock_contact`, for all contacts of a person."""
    for _, lock_all in _locks:
        lock_all(user_id)
