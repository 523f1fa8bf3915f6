"""Reads blocks: what apps write messages with today.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable, Iterator
from typing import Literal

from apps.chats.foreign.documents import Fields
from apps.chats.foreign.slack_blocks import block_texts
from apps.integrations.slack.errors import SlackError
from apps.integrations.slack.texts import Texts, web_address, words
from apps.wire import bodies

# Those of Slack.
MAX_BLOCKS = 50
MAX_FIELDS, MAX_ELEMENTS = 10, 25
MAX_ROWS, MAX_COLUMNS = 100, 20
Parts = Iterator[bodies.AnyCardPart]


def blocks_of(fields: Fields) -> list[Fields]:
    """The blocks of a message or of an attachment. Raises SlackError for what is no list of blocks,
    and for too many."""
    given, found = fields.get("blocks"), fields.each("blocks")
    is_list = given is None or (isinstance(given, list) and len(found) == len(given))
    if not is_list or len(found) > MAX_BLOCKS:
        raise SlackError("invalid_blocks")
    return found


def parts(blocks: list[Fields], texts: Texts) -> Parts:
    """What the blocks show. Kinds that messages do not have, and empty ones, are left out."""
    for block in blocks:
        if read := KINDS.get(block.text("type")):
            yield from read(block, texts)


def links(buttons: list[Fields], texts: Texts) -> Iterator[bodies.CardLinks]:
    """The buttons that open an address. Those that would call an app are left out."""
    found = [
        bodies.CardLink(text=label, url=url, style=_style(button))
        for button in buttons[:MAX_ELEMENTS]
        if (url := web_address(button.text("url"))) and (label := _label(button, texts))
    ]
    if found:
        yield bodies.CardLinks(links=found)


def _header(block: Fields, texts: Texts) -> Parts:
    if heading := texts.line(words(block.fields("text"), "text")):
        yield bodies.CardHeader(text=heading)


def _divider(block: Fields, texts: Texts) -> Parts:
    yield bodies.CardDivider()


def _context(block: Fields, texts: Texts) -> Parts:
    elements = block.each("elements")[:MAX_ELEMENTS]
    said = [texts.object(each) for each in elements if each.text("type") != "image"]
    # Small pictures next to a text say nothing by themselves.
    alone = [] if any(said) else [texts.line(each.text("alt_text")) for each in elements]
    if text := " ".join(filter(None, [*said, *alone])):
        yield bodies.CardContext(text=text)


def _video(block: Fields, texts: Texts) -> Parts:
    title = texts.line(words(block.fields("title"), "text"))
    if text := texts.link(title, web_address(block.text("title_url"))):
        yield bodies.CardText(text=f"**{text}**")


def _actions(block: Fields, texts: Texts) -> Parts:
    yield from links(block.each("elements"), texts)


def _markdown(block: Fields, texts: Texts) -> Parts:
    if text := texts.markdown(block.text("text")):
        yield bodies.CardText(text=text)


def _rich_text(block: Fields, texts: Texts) -> Parts:
    if text := texts.mrkdwn(block_texts([block])):
        yield bodies.CardText(text=text)


def _table(block: Fields, texts: Texts) -> Parts:
    """A line for each row: cards have no columns, and phones no room for them."""
    rows = block.get("rows")
    lines = [_row(row, texts) for row in (rows if isinstance(rows, list) else [])[:MAX_ROWS]]
    if text := "\n".join(filter(None, lines)):
        yield bodies.CardText(text=text)


def _row(row: object, texts: Texts) -> str:
    cells = [
        _cell(Fields(cell), texts) for cell in (row if isinstance(row, list) else [])[:MAX_COLUMNS]
    ]
    # An empty cell keeps its place, an empty row does not.
    return " | ".join(cells) if any(cells) else ""


def _cell(cell: Fields, texts: Texts) -> str:
    if not cell:
        return ""
    if cell.text("type") == "rich_text":
        return " ".join(texts.mrkdwn(block_texts([cell])).split())
    return texts.link(texts.line(words(cell, "text")))


def _section(block: Fields, texts: Texts) -> Parts:
    accessory = block.fields("accessory")
    is_image = accessory.text("type") == "image"
    picture = web_address(accessory.text("image_url")) if is_image else ""
    if text := texts.object(block.fields("text")):
        yield bodies.CardText(text=text, image_url=picture)
    fields = (texts.object(field) for field in block.each("fields")[:MAX_FIELDS])
    if found := [bodies.CardField(text=text) for text in fields if text]:
        yield bodies.CardFields(fields=found)
    if is_image and not text:
        yield from _image(accessory, texts)
    yield from links([accessory], texts)


def _image(image: Fields, texts: Texts) -> Parts:
    url = web_address(image.text("image_url"))
    title = texts.line(words(image.fields("title"), "text"))
    if url:
        yield bodies.CardImage(url=url, alt=texts.line(image.text("alt_text")), title=title)


def _label(button: Fields, texts: Texts) -> str:
    """Of a button of blocks, or of an attachment."""
    text = button.fields("text")
    return texts.line(words(text, "text") if text else words(button, "text"))


def _style(button: Fields) -> Literal["", "primary", "danger"]:
    match button.text("style"):
        case "primary":
            return "primary"
        case "danger":
            return "danger"
    return ""


KINDS: dict[str, Callable[[Fields, Texts], Parts]] = {
    "actions": _actions,
    "context": _context,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
    "table": _table,
    "video": _video,
}
