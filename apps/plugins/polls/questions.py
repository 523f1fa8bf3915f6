"""What a poll asks: checked, and as an entry of a chat."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from msgspec import Struct

from apps.chats.actions.messages import Sent
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid
from apps.integrations.plugins import entries
from apps.integrations.plugins.values import setting

PLUGIN = "polls"
MAX_QUESTION, MAX_OPTION = 300, 120
LEAST_OPTIONS = 2


class Question(Struct, frozen=True):
    """`multiple`: people may choose several options. `anonymous`: nobody sees who chose what."""

    text: str
    options: tuple[str, ...]
    multiple: bool = False
    anonymous: bool = False


def checked(
    text: str, options: Sequence[str], *, multiple: bool = False, anonymous: bool = False
) -> Question:
    """A question with its options, cleaned. Raises Invalid, with words for the person."""
    question = _line(text, MAX_QUESTION)
    cleaned = [line for option in options if (line := _line(option, MAX_OPTION))]
    most: int = setting("POLLS_MAX_OPTIONS")
    if not question:
        raise _invalid(gettext("A poll needs a question."))
    if not LEAST_OPTIONS <= len(cleaned) <= most:
        raise _invalid(gettext("A poll has 2 to %(most)d answers.") % {"most": most})
    if len(set(cleaned)) < len(cleaned):
        raise _invalid(gettext("Two answers are the same."))
    return Question(question, tuple(cleaned), multiple, anonymous)


def post(
    person: UUID,
    chat: UUID,
    question: Question,
    *,
    client_id: UUID,
    reply_to: int | None = None,
) -> Sent:
    """Post a poll in a chat as the person. The same client id again is the same poll. `reply_to`:
    seq of the message that it replies to. Raises Refused, as a send does."""
    data: dict[str, Any] = {
        "question": question.text,
        "options": list(question.options),
        "multiple": question.multiple,
        "anonymous": question.anonymous,
        "closed": False,
        "counts": [0] * len(question.options),
        "voters": 0,
    }
    text = "\n".join((question.text, *(f"- {option}" for option in question.options)))
    return entries.post(
        PLUGIN,
        person=person,
        chat=chat,
        client_id=client_id,
        text=text,
        data=data,
        reply_to=reply_to,
    )


def _line(text: str, most: int) -> str:
    try:
        line = clean_line(text)
    except ValueError as error:
        raise _invalid(str(error)) from error
    if len(line) > most:
        raise _invalid(gettext("This is too long: %(most)d characters at most.") % {"most": most})
    return line


def _invalid(words: str) -> Invalid:
    return Invalid(words, reason=words)
