"""Changes a person's notification preferences."""

from typing import Annotated
from uuid import UUID

from django.db import transaction
from msgspec import Meta

from apps.accounts.actions import streams
from apps.accounts.queries import profiles
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid
from apps.core.limits import PREFERENCES, limited
from apps.notifications.models import Preferences
from apps.notifications.queries.preferences import body, changed, stored
from apps.wire import bodies
from apps.wire.http import Input
from apps.wire.publish import publish

MAX_KEYWORDS = 50
MAX_KEYWORD_LENGTH = 60
MAX_DELAY_S = 3600


class PreferencesUpdate(Input, frozen=True):
    """The preferences to change; None leaves one as it is. `delay` in seconds; 0: at once."""

    level: bodies.NotifyLevel | None = None
    keywords: Annotated[list[str], Meta(max_length=MAX_KEYWORDS)] | None = None
    break_through: bool | None = None
    delay: Annotated[int, Meta(ge=0, le=MAX_DELAY_S)] | None = None
    content: bool | None = None


@limited(PREFERENCES)
def set_preferences(user_id: UUID, update: PreferencesUpdate) -> bodies.NotificationSettings:
    """Change the preferences, tell the person's devices, and return the new preferences.

    Raises Invalid, and NotFound for a closed account.
    """
    changes = _changes(update)
    with transaction.atomic():
        streams.lock([user_id])
        profiles.get_active_user(user_id)
        row = stored(user_id)
        if any(getattr(row, name) != value for name, value in changes.items()):
            for name, value in changes.items():
                setattr(row, name, value)
            row.person_rev = streams.advance([user_id])[user_id]
            Preferences.objects.update_or_create(
                user_id=user_id, defaults={**changes, "person_rev": row.person_rev}
            )
            publish([changed(row)])
    return body(row)


def _changes(update: PreferencesUpdate) -> dict[str, object]:
    changes: dict[str, object] = {
        name: value
        for name in ("level", "break_through", "delay", "content")
        if (value := getattr(update, name)) is not None
    }
    if update.keywords is not None:
        changes["keywords"] = clean_keywords(update.keywords)
    return changes


def clean_keywords(keywords: list[str]) -> list[str]:
    """The keywords as they are stored: in NFC, without duplicates (ignoring case). Raises Invalid
    for one that is empty, too long, or longer than a line."""
    words: dict[str, str] = {}
    for index, keyword in enumerate(keywords):
        try:
            word = clean_line(keyword)
            if not 0 < len(word) <= MAX_KEYWORD_LENGTH:
                raise ValueError(f"Use 1 to {MAX_KEYWORD_LENGTH} characters.")
        except ValueError as error:
            reason = str(error)
            raise Invalid(reason, pointer=f"#/keywords/{index}", reason=reason) from error
        words.setdefault(word.casefold(), word)
    return list(words.values())
