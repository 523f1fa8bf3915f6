"""What Slack's payloads say, as messages of this server have it.

The one place where answers of commands are converted: `content` takes a payload with `text`,
`blocks` and `attachments`, as Slack documents them for messages.
"""

from typing import Any, NamedTuple

from apps.wire import bodies

ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Content(NamedTuple):
    """A text with all of the content, and how it is drawn, if differently."""

    text: str
    layout: bodies.Layout | None = None


def content(payload: dict[str, Any]) -> Content:
    """The content of a payload. The text may be empty."""
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        parts = [*_list(payload, "blocks"), *_list(payload, "attachments")]
        text = "\n".join(filter(None, map(_text_of, parts)))
    for escape, character in ESCAPES:
        text = text.replace(escape, character)
    return Content(storable(text).strip())


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL, and halves of pairs of UTF-16."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _text_of(part: Any) -> str:
    """The text of a block, or of an attachment."""
    if not isinstance(part, dict):
        return ""
    text = part.get("text")
    if isinstance(text, dict):
        text = text.get("text")
    return str(text or part.get("fallback") or part.get("title") or "")


def _list(payload: dict[str, Any], name: str) -> list[Any]:
    found = payload.get(name)
    return found if isinstance(found, list) else []
