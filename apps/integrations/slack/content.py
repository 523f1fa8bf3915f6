"""Reads a payload: what is posted to an incoming webhook, and what commands answer.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from msgspec import Struct

from apps.chats.foreign import emoji
from apps.chats.foreign.documents import BadJson, Fields, load
from apps.chats.foreign.slack_markup import Markup
from apps.core.emoji import is_single_emoji
from apps.core.graphemes import cut
from apps.emoji.queries.emoji import name_of
from apps.integrations.cards import fitting, text_of
from apps.integrations.slack import attachments, blocks
from apps.integrations.slack.errors import SlackError
from apps.integrations.slack.texts import Texts, words
from apps.wire import bodies
from apps.wire.limits import MAX_TEXT_LENGTH


class Content(Struct, frozen=True):
    """What a message says. `layout` is None for a text that is drawn as those of people."""

    text: str
    layout: bodies.Layout | None


def payload_of(body: bytes | str) -> Fields:
    """The fields of a payload. Raises SlackError (`invalid_payload`)."""
    try:
        found = load(body.encode("utf-8", "replace") if isinstance(body, str) else body)
    except BadJson as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(found, dict):
        raise SlackError("invalid_payload")
    return Fields(found)


def content_of(payload: Fields, markup: Markup) -> Content:
    """What a payload says. Blocks are shown in place of its text, as Slack does.

    Raises SlackError: `no_text`, `invalid_blocks`, `too_many_attachments`, `invalid_payload`.
    """
    texts = Texts(markup)
    name, icon = texts.line(words(payload, "username")), _emoji(payload)
    body = [*blocks.parts(blocks.blocks_of(payload), texts)]
    is_formatted = payload.get("mrkdwn") is not False
    text = "" if body else texts.mrkdwn(words(payload, "text"), is_formatted=is_formatted)
    boxes = [*attachments.cards(payload, texts)]
    before = [bodies.Card(parts=body or [bodies.CardText(text=text)])] if body or text else []
    all_of_it = text_of([*before, *boxes])
    if not all_of_it:
        raise SlackError("no_text")
    cards = fitting([*before, *boxes]) if body or boxes else []
    layout = bodies.Layout(name=name, emoji=icon, cards=cards)
    return Content(cut(all_of_it, MAX_TEXT_LENGTH), None if layout == bodies.Layout() else layout)


def _emoji(payload: Fields) -> str:
    """The emoji that a payload names; empty for one that is not here."""
    name = payload.text("icon_emoji").strip()[:100]
    if not name or is_single_emoji(name):
        return name
    if found := emoji.find(name):
        return found
    custom = name_of(name.strip(":").lower())
    return f":{custom}:" if custom else ""
