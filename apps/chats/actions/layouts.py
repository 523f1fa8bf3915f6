"""How messages of programs are drawn: stored with them, and changed by the plugin of an entry."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.chats.actions.chat_change import changing, changing_without_membership
from apps.chats.models import Message
from apps.chats.roles import Right
from apps.core.errors import Forbidden, NotFound
from apps.core.reads import bigints
from apps.wire import bodies
from apps.wire.bodies.layouts import stored

STORE = """
UPDATE chats_message m SET layout = i.layout::jsonb
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS i (chat_id, seq, layout)
WHERE m.chat_id = i.chat_id AND m.seq = i.seq
"""


def store(layouts: Iterable[tuple[UUID, int, bodies.Layout]]) -> None:
    """Store the layouts of messages that this transaction has written and not yet published.

    A statement of its own, so that sends without a layout, which are nearly all, do not pay for it.
    """
    found = list(layouts)
    if not found:
        return
    chats, seqs, values = zip(*found, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(STORE, [list(chats), bigints(seqs), [stored(each) for each in values]])


def text_cards(text: str) -> list[bodies.Card]:
    """A text as cards."""
    return [bodies.Card(parts=[bodies.CardText(text=text)])]


def below(run: bodies.CardRun, cards: list[bodies.Card]) -> list[bodies.Card]:
    """The cards of an answer to a command, below the line that says who ran it."""
    return [bodies.Card(parts=[run]), *cards]


def has_previews(layout: bodies.Layout | None) -> bool:
    """Whether the links of a message get previews. Those of a program's cards say what they are
    about, unless the cards have the text alone, below the line that says who ran a command."""
    if layout is None or not layout.cards:
        return True
    match [part for card in layout.cards for part in card.parts]:
        case [bodies.CardRun(), bodies.CardText()]:
            return True
    return False


def change_layout(
    chat_id: UUID,
    seq: int,
    plugin: str,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    text: str | None = None,
    by: UUID | None = None,
    right: Right = Right.REACT,
) -> None:
    """Change the `data` of an entry of a plugin under the chat's lock, and its text if given.

    `change` gets the data as it is and returns what it becomes; it may read and write rows of the
    plugin. Equal data change nothing. Raises NotFound if the entry is not there (any more) or is of
    another plugin. `by`: the person who changes it: raises what `changing` raises unless they have
    `right` in the chat. Without one, the caller decides who may do it.
    """
    held = changing(by, chat_id, right) if by else changing_without_membership(None, chat_id)
    with held as chat:
        message = Message.objects.filter(pk=(chat_id, seq), deleted_at=None).first()
        if message is None or not message.layout or message.layout.get("plugin") != plugin:
            raise NotFound
        data = change(dict(message.layout.get("data", {})))
        fields: dict[str, object] = {"layout": {**message.layout, "data": data}}
        if text is not None and text != message.text:
            chat.rewrite_message(seq, text=text, **fields)
        elif data != message.layout.get("data", {}):
            chat.change_message(seq, **fields)


def changed(message: Message, layout: bodies.Layout | None) -> dict[str, Any] | None:
    """The layout of a message whose text its author changes: this one, or the former one without
    cards, which had the former text. Raises Forbidden for an entry of a plugin."""
    stored_layout = message.layout or {}
    if stored_layout.get("plugin"):
        raise Forbidden("An entry of a plugin is changed by the plugin alone.")
    if layout is not None:
        found: dict[str, Any] = msgspec.to_builtins(layout)
        return found
    # Not decoded: a later release may have written kinds of cards that this one does not know.
    return {key: stored_layout[key] for key in ("name", "emoji") if key in stored_layout} or None
