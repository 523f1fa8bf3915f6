"""The function that records which permissions somebody gave or took in the admin.

class ModerationConfig(AppConfig):
    def ready(self) -> None:
        register_permission_record(record)
"""

from collections.abc import Callable, Mapping
from uuid import UUID

# By name, what was and what is: true or false, or the names of groups and permissions.
Changes = Mapping[str, tuple[object, object]]
# Takes who changed the permissions of whom, and what changed; called in the transaction.
Record = Callable[[UUID, UUID, Changes], None]


def _nothing(by: UUID, person: UUID, changes: Changes) -> None:
    pass


_registered: Record = _nothing


def register_permission_record(record: Record) -> None:
    """Call `record` when somebody changes the permissions of a person."""
    global _registered
    _registered = record


def record_permissions(by: UUID, person: UUID, changes: Changes) -> None:
    """Record a change, if it is one."""
    if changes:
        _registered(by, person, changes)
