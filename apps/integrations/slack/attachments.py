"""Reads attachments: what apps wrote messages with before there were blocks, and many still do.

Source: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

All texts are read as mrkdwn, whether or not `mrkdwn_in` names them: Slack does so by default, too.
"""

import re
from collections.abc import Iterator

from apps.chats.foreign.documents import Fields
from apps.integrations.slack import blocks
from apps.integrations.slack.errors import SlackError
from apps.integrations.slack.texts import Texts, moment, web_address, words
from apps.wire import bodies

# That of Slack.
MAX_ATTACHMENTS = 100
MAX_FIELDS = 100
COLORS = {"good": "#2eb886", "warning": "#daa038", "danger": "#a30200"}
NO_COLOR = "#a0a0a0"
HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE | re.ASCII)


def cards(payload: Fields, texts: Texts) -> Iterator[bodies.Card]:
    """The attachments of a payload: a text before each, and the card. Raises SlackError for what is
    no list of attachments, and for too many."""
    given, found = payload.get("attachments"), payload.each("attachments")
    if not (given is None or (isinstance(given, list) and len(found) == len(given))):
        raise SlackError("invalid_payload")
    if len(found) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for attachment in found:
        if pretext := texts.mrkdwn(words(attachment, "pretext")):
            yield bodies.Card(parts=[bodies.CardText(text=pretext)])
        shown = [*_parts(attachment, texts)]
        if not shown and not pretext and (text := texts.mrkdwn(words(attachment, "fallback"))):
            shown = [bodies.CardText(text=text)]
        if shown:
            yield bodies.Card(parts=shown, color=_color(attachment.text("color")))


def _parts(attachment: Fields, texts: Texts) -> Iterator[bodies.AnyCardPart]:
    author, title = (texts.line(words(attachment, name)) for name in ("author_name", "title"))
    if author:
        named = texts.link(author, web_address(attachment.text("author_link")))
        yield bodies.CardContext(text=named)
    if title:
        named = texts.link(title, web_address(attachment.text("title_link")))
        yield bodies.CardText(text=f"**{named}**")
    text, thumb = texts.mrkdwn(words(attachment, "text")), web_address(attachment.text("thumb_url"))
    if text:
        yield bodies.CardText(text=text, image_url=thumb)
    fields = (_field(field, texts) for field in attachment.each("fields")[:MAX_FIELDS])
    if shown := [field for field in fields if field.text or field.title]:
        yield bodies.CardFields(fields=shown)
    yield from blocks.parts(blocks.blocks_of(attachment), texts)
    picture = web_address(attachment.text("image_url")) or ("" if text else thumb)
    if picture:
        yield bodies.CardImage(url=picture)
    yield from blocks.links(attachment.each("actions"), texts)
    footer = [texts.line(words(attachment, "footer")), moment(attachment, "ts")]
    if any(footer):
        yield bodies.CardContext(text=texts.link(" · ".join(filter(None, footer))))


def _field(field: Fields, texts: Texts) -> bodies.CardField:
    return bodies.CardField(
        text=texts.mrkdwn(words(field, "value")),
        title=texts.line(words(field, "title")),
        short=field.flag("short"),
    )


def _color(name: str) -> str:
    """`#rrggbb`."""
    if name in COLORS:
        return COLORS[name]
    found = HEX.fullmatch(name.strip())
    if not found:
        return NO_COLOR
    digits = found[1].lower()
    return f"#{digits if len(digits) == 6 else ''.join(digit * 2 for digit in digits)}"
