"""Reads the texts of blocks and attachments: what apps show, and what has no plain text.

Source: https://docs.slack.dev/reference/block-kit/blocks and
https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
"""

from collections.abc import Iterable

from apps.chats.foreign.documents import Fields
from apps.chats.foreign.texts import quoted

MAX_DEPTH = 8
STYLES = {"bold": "*", "italic": "_", "strike": "~", "code": "`"}


def block_texts(blocks: Iterable[Fields]) -> str:
    """The text of the blocks of a message, in mrkdwn."""
    return "\n".join(filter(None, map(_block, blocks)))


def attachment_texts(message: Fields) -> tuple[str, int]:
    """The texts of attachments as quotes, in mrkdwn; and how many previews of links there were."""
    shown, previews = [], 0
    for attachment in message.each("attachments"):
        if attachment.text("from_url") or attachment.text("original_url"):
            previews += 1  # Parley makes its own
        elif text := _attachment(attachment):
            shown.append(text)
    return "\n".join(shown), previews


def _attachment(attachment: Fields) -> str:
    title, link = attachment.text("title"), attachment.text("title_link")
    heading = f"<{link}|{title}>" if link and title else title and f"*{title}*"
    fields = [
        f"*{field.text('title')}*: {field.text('value')}" for field in attachment.each("fields")
    ]
    lines = [attachment.text("author_name"), heading, attachment.text("text"), *fields]
    inside = "\n".join(filter(None, lines)) or block_texts(attachment.each("blocks"))
    # Quoted as mrkdwn writes it: the text is converted afterwards.
    boxed = quoted(inside or attachment.text("fallback")).replace("> ", "&gt; ")
    lines = [attachment.text("pretext"), boxed]
    return "\n".join(filter(None, lines))


def _block(block: Fields) -> str:
    match block.text("type"):
        case "rich_text":
            return "\n".join(filter(None, (_rich(each, 0) for each in block.each("elements"))))
        case "section":
            texts = [block.fields("text"), *block.each("fields")]
            return "\n".join(filter(None, (text.text("text") for text in texts)))
        case "header":
            heading = block.fields("text").text("text")
            return f"*{heading}*" if heading else ""
        case "context":
            return " ".join(filter(None, (each.text("text") for each in block.each("elements"))))
        case "image" | "video":
            return block.fields("title").text("text") or block.text("alt_text")
        case "markdown":
            return block.text("text")
        case "call":
            return "Call"
    return ""


def _rich(element: Fields, depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    inside = [_rich(each, depth + 1) for each in element.each("elements")]
    match element.text("type"):
        case "rich_text_section":
            return "".join(inside).rstrip("\n")
        case "rich_text_list":
            is_ordered = element.text("style") == "ordered"
            marks = (f"{at}." if is_ordered else "-" for at in range(1, len(inside) + 1))
            return "\n".join(f"{mark} {line}" for mark, line in zip(marks, inside, strict=True))
        case "rich_text_quote":
            return "\n".join(f"&gt; {line}" for line in "".join(inside).split("\n"))
        case "rich_text_preformatted":
            return f"```{''.join(inside)}```"
    return _leaf(element)


def _leaf(element: Fields) -> str:
    match element.text("type"):
        case "text":
            return _styled(_escaped(element.text("text")), element.fields("style"))
        case "link":
            label = _escaped(element.text("text"))
            return f"<{element.text('url')}{'|' if label else ''}{label}>"
        case "emoji":
            return f":{element.text('name')}:"
        case "user":
            return f"<@{element.key('user_id')}>"
        case "channel":
            return f"<#{element.key('channel_id')}>"
        case "broadcast":
            return f"<!{element.text('range') or 'channel'}>"
        case "date":
            return element.text("fallback")
    return ""


def _styled(text: str, style: Fields) -> str:
    inside = text.strip()
    if not inside:
        return text
    before, after = text.split(inside, 1)
    for name, mark in STYLES.items():
        if style.flag(name):
            inside = f"{mark}{inside}{mark}"
    return before + inside + after


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
