"""Refusals of actions in Slack's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.core.errors import (
    ChatClosed,
    Empty,
    Invalid,
    NotFound,
    RateLimited,
    Refused,
    Slowed,
    TooLong,
    Unavailable,
)
from apps.integrations.slack.errors import SlackError

WORDS: tuple[tuple[type[Refused], str], ...] = (
    (ChatClosed, "channel_is_archived"),
    (NotFound, "channel_not_found"),
    (Slowed, "rate_limited"),
    (RateLimited, "rate_limited"),
    (Empty, "no_text"),
    (TooLong, "invalid_payload"),
    (Invalid, "invalid_payload"),
    (Unavailable, "rollup_error"),
)
# For the rest, as a rule of the moderators.
FORBIDDEN = "action_prohibited"


@contextmanager
def in_words_of_slack() -> Iterator[None]:
    """Raise SlackError for each refusal in the block."""
    try:
        yield
    except Refused as refusal:
        word = next((word for kind, word in WORDS if isinstance(refusal, kind)), FORBIDDEN)
        raise SlackError(word, retry_after=refusal.retry_after) from refusal
