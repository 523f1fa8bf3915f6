"""Checks of message texts and group titles."""

from django.utils.translation import gettext

from apps.core.clean_text import clean_line, is_blank
from apps.core.errors import Empty, Invalid, TooLong
from apps.wire.limits import MAX_TEXT_LENGTH

MAX_TITLE_LENGTH = 120


def validate_text(text: str, *, may_be_empty: bool = False) -> str:
    """The text of a message, unchanged. Raises Empty, TooLong or Invalid."""
    if len(text) > MAX_TEXT_LENGTH:
        raise TooLong
    if not may_be_empty and is_blank(text):
        raise Empty
    if "\x00" in text:
        raise Invalid("A message cannot contain the NUL character.")
    return text


def validate_title(text: str) -> str:
    """The title of a group, cleaned. Raises Invalid."""
    try:
        cleaned = clean_line(text)
    except ValueError as error:
        raise Invalid(str(error), pointer="#/title") from error
    if not 1 <= len(cleaned) <= MAX_TITLE_LENGTH:
        reason = gettext("A title has 1 to {n} characters.").format(n=MAX_TITLE_LENGTH)
        raise Invalid(reason, pointer="#/title")
    return cleaned
