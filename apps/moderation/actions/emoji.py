"""Records custom emoji that moderators remove (`apps.emoji.moderation_handlers`)."""

from uuid import UUID

from apps.emoji.moderation_handlers import Door
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By


def record_removal(by: UUID, door: Door, name: str, made_by: UUID | None) -> None:
    """Append the record, as the last statement of the removal."""
    whose = About(person=made_by)
    audit.record("remove_emoji", by=By(by, audit.Door(door)), about=whose, details={"name": name})
