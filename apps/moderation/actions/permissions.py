"""Records in the audit log who made whom a moderator or an administrator."""

from uuid import UUID

from apps.accounts.permission_handlers import Changes
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By, Door


def record(by: UUID, person: UUID, changes: Changes) -> None:
    """Record what somebody changed on the page of a person in the admin."""
    details = {name: {"old": old, "new": new} for name, (old, new) in changes.items()}
    about = About(person=person)
    audit.record("change_permissions", by=By(by, Door.ADMIN), about=about, details=details)
