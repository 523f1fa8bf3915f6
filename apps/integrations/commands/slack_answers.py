"""Reads the answers of commands, as Slack defines them.

https://docs.slack.dev/interactivity/implementing-slash-commands and `response_url` in
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from typing import NamedTuple

from apps.chats.foreign.documents import Fields, storable
from apps.chats.foreign.slack_markup import Markup
from apps.core.errors import Invalid
from apps.integrations.slack.content import Content, content_of, payload_of
from apps.integrations.slack.errors import SlackError


class Reply(NamedTuple):
    """An answer. `in_channel`: everybody in the chat sees it. `replaces`: it stands in place of the
    last answer. `deletes`: the last answer goes, and this says nothing."""

    content: Content
    in_channel: bool = False
    replaces: bool = False
    deletes: bool = False


def read_reply(body: bytes, content_type: str, markup: Markup) -> Reply | None:
    """The answer in a response or a request; None: an empty one, which says nothing.

    Anything but JSON is a text for the one who ran the command. Raises Invalid.
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return Reply(Content(storable(text), None))
    return reply_of(text, markup)


def reply_of(payload_text: bytes | str, markup: Markup) -> Reply | None:
    """The answer in a JSON text. Raises Invalid."""
    try:
        payload = payload_of(payload_text)
        said = content_of(payload, markup)
    except SlackError as error:
        if error.word != "no_text":
            raise Invalid("This is no answer that Slack would take.", reason=error.word) from error
        said = Content("", None)
    deletes = _flag(payload, "delete_original")
    if not said.text and not deletes:
        return None
    return Reply(
        said,
        in_channel=payload.get("response_type") == "in_channel",
        replaces=_flag(payload, "replace_original"),
        deletes=deletes,
    )


def _flag(payload: Fields, name: str) -> bool:
    # Some libraries send texts.
    return payload.get(name) in (True, "true")
