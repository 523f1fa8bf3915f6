"""How a message of a program is drawn."""

from typing import Any, Literal
from uuid import UUID

import msgspec

from apps.wire.bodies.base import Body


class CardPart(Body, frozen=True, omit_defaults=True, tag_field="type"):
    """A part of a card. Texts are light markup, unless it says that they are plain."""


class CardHeader(CardPart, frozen=True, tag="header"):
    """A heading, in plain text."""

    text: str


class CardText(CardPart, frozen=True, tag="text"):
    """A text. `image_url`: a picture that belongs to it, elsewhere."""

    text: str
    image_url: str = ""


class CardField(Body, frozen=True, omit_defaults=True):
    """A text with a title in plain text, which may be empty. `short`: two fit beside each other."""

    text: str
    title: str = ""
    short: bool = True


class CardFields(CardPart, frozen=True, tag="fields"):
    """Fields in their order."""

    fields: list[CardField]


class CardContext(CardPart, frozen=True, tag="context"):
    """A small text beside what matters: where something comes from, and when."""

    text: str


class CardImage(CardPart, frozen=True, tag="image"):
    """A picture elsewhere, as a link. `alt` and `title` are plain."""

    url: str
    alt: str = ""
    title: str = ""


class CardDivider(CardPart, frozen=True, tag="divider"):
    """A line between what is above and below."""


class CardLink(Body, frozen=True, omit_defaults=True):
    """A link that is drawn as a button; `text` is plain."""

    text: str
    url: str
    style: Literal["", "primary", "danger"] = ""


class CardLinks(CardPart, frozen=True, tag="links"):
    """Links beside each other."""

    links: list[CardLink]


class CardRun(CardPart, frozen=True, tag="run"):
    """Who ran the command, as `/weather`, that another server answers with this message. The text
    of the message does not have it: nobody is mentioned by that."""

    person: UUID
    command: str


AnyCardPart = (
    CardHeader | CardText | CardFields | CardContext | CardImage | CardDivider | CardLinks | CardRun
)


class Card(Body, frozen=True, omit_defaults=True):
    """Parts below each other. `color`: `#rrggbb` of the line beside them; empty: no line."""

    parts: list[AnyCardPart]
    color: str = ""


class Layout(Body, frozen=True, omit_defaults=True):
    """How a message of a program is drawn. The `text` of the message has all of its content for
    who does not draw it.

    `name` and `emoji` stand in place of the sender's name. `cards` are drawn in place of the text.
    `plugin` names the plugin whose entry this is: its browser module draws `data` in place of the
    text.
    """

    name: str = ""
    emoji: str = ""
    cards: list[Card] = []
    plugin: str = ""
    data: dict[str, Any] = {}


def stored(layout: Layout | None) -> str | None:
    """The value of the column `layout`, as JSON."""
    return None if layout is None else msgspec.json.encode(layout).decode()
