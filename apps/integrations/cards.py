"""Cards within their limit, and in words."""

from collections.abc import Iterable

import msgspec

from apps.chats.foreign.texts import link
from apps.integrations.plain_texts import PlainTexts
from apps.wire import bodies
from apps.wire.limits import MAX_LAYOUT_BYTES

# For the name, the emoji and the names of fields.
MAX_CARD_BYTES = MAX_LAYOUT_BYTES - 2_048
REST = bodies.CardContext(text="…")


def fitting(cards: Iterable[bodies.Card], *, most: int = MAX_CARD_BYTES) -> list[bodies.Card]:
    """The cards, without the parts that a message has no room for: as JSON, `most` bytes."""
    left = most
    found: list[bodies.Card] = []
    for card in cards:
        parts: list[bodies.AnyCardPart] = []
        left -= len(msgspec.json.encode(bodies.Card(parts=[], color=card.color))) + 1
        for part in card.parts:
            left -= len(msgspec.json.encode(part)) + 1
            if left < 0:
                return [*found, bodies.Card(parts=[*parts, REST], color=card.color)]
            parts.append(part)
        found.append(bodies.Card(parts=parts, color=card.color))
    return found


def text_of(cards: Iterable[bodies.Card]) -> str:
    """All that cards say, as the text of a message."""
    plain = PlainTexts()
    lines = (_text(part, plain) for card in cards for part in card.parts)
    return "\n".join(filter(None, lines))


def _text(part: bodies.AnyCardPart, plain: PlainTexts) -> str:
    match part:
        case bodies.CardHeader(text=text):
            return f"**{plain.shown(text)}**"
        case bodies.CardText(text=text) | bodies.CardContext(text=text):
            return text
        case bodies.CardFields(fields=fields):
            return "\n".join(_field(field, plain) for field in fields)
        case bodies.CardImage(url=url, alt=alt, title=title):
            return link(title or alt, url)
        case bodies.CardLinks(links=links):
            return " ".join(link(each.text, each.url) for each in links)
    return ""


def _field(field: bodies.CardField, plain: PlainTexts) -> str:
    return f"**{plain.shown(field.title)}:** {field.text}" if field.title else field.text
