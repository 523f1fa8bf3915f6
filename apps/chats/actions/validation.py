"""What a text must be like to be stored."""

from django.conf import settings

from apps.core.clean_text import clean_line
from apps.core.errors import Empty, Invalid, TooLong

# Bound once: Django's settings are slow to ask, and this is asked for every message.
TEXT_LENGTH: int = settings.TEXT_LENGTH
MAX_TITLE_LENGTH = 120


def validate_text(text: str) -> str:
    """The text of a message, as it is. Raises Empty, TooLong or Invalid."""
    if len(text) >= TEXT_LENGTH:
        raise TooLong
    if not text.strip():
        raise Empty
    if "\x00" in text:
        raise Invalid("A text cannot hold the character NUL.")
    return text


def validate_title(text: str) -> str:
    """The title of a group, in one line. Raises Invalid."""
    try:
        cleaned = clean_line(text)
    except ValueError as error:
        raise Invalid(str(error), pointer="#/title") from error
    if not 1 <= len(cleaned) <= MAX_TITLE_LENGTH:
        reason = f"A title has 1 to {MAX_TITLE_LENGTH} characters."
        raise Invalid(reason, pointer="#/title")
    return cleaned
