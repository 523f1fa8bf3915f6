"""Asks the hooks of plugins about messages, outside of transactions and locks.

Without hooks, each function returns at once.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from apps.chats.actions import layouts
from apps.chats.actions.content_checks import SendKey, is_committed
from apps.chats.actions.send_writer import SendRequest
from apps.chats.actions.validation import validate_text
from apps.chats.message_hooks import NewMessage, decide, has_hooks
from apps.core.errors import Refused
from apps.wire import bodies


class Asked(NamedTuple):
    """`sends`: with the texts that plugins gave them. `refused`: the refusals. `originals`: the
    texts, as their senders wrote them, of those that were changed."""

    sends: dict[SendKey, SendRequest]
    refused: Mapping[SendKey, Refused]
    originals: Mapping[SendKey, str]


def ask_early(sends: Iterable[SendRequest]) -> None:
    """Ask about sends now. `ask` then has the decisions already, as it may run under locks."""
    if has_hooks():
        decide([_new(send) for send in sends if _is_concerned(send)])


def ask(sends: dict[SendKey, SendRequest]) -> Asked:
    """Ask about all sends that hooks see.

    A message that is committed already is not refused: it was sent again because its sender had no
    response.
    """
    if not has_hooks():
        return Asked(sends, {}, {})
    keys = [key for key, send in sends.items() if _is_concerned(send)]
    asked, refused, originals = dict(sends), dict[SendKey, Refused](), dict[SendKey, str]()
    decisions = decide([_new(sends[key]) for key in keys])
    for key, decision in zip(keys, decisions, strict=True):
        if isinstance(decision, Refused):
            if not is_committed(key):
                refused[key] = decision
        elif decision is not None:
            originals[key] = sends[key].text
            asked[key] = _with_text(sends[key], decision)
    return Asked(asked, refused, originals)


def ask_edited(sender: UUID, chat: UUID, *, seq: int, text: str) -> str:
    """The new text of a message, as plugins leave it. Raises RefusedByPlugin, and what
    `validate_text` raises."""
    if has_hooks():
        text = validate_text(text, may_be_empty=True)
        [decision] = decide([NewMessage(sender, chat, text, seq=seq)])
        if isinstance(decision, Refused):
            raise decision
        text = decision or text
    return text


def _is_concerned(send: SendRequest) -> bool:
    """Hooks do not see what a moderator approved, which they have seen before, no message that has
    only files, and no entry of a plugin, whose text belongs to its data."""
    is_entry = send.layout is not None and bool(send.layout.plugin)
    return bool(send.text) and not send.approved and not is_entry


def _with_text(send: SendRequest, text: str) -> SendRequest:
    return replace(send, text=text, layout=with_text(send.layout, text))


def with_text(layout: bodies.Layout | None, text: str) -> bodies.Layout | None:
    """How a message is drawn whose text a plugin has changed to this one: without its cards, which
    have the former one, but with the line that says who ran a command."""
    if layout is None:
        return None
    parts = [part for card in layout.cards for part in card.parts]
    run = next((part for part in parts if isinstance(part, bodies.CardRun)), None)
    cards = layouts.below(run, layouts.text_cards(text)) if run else []
    return bodies.Layout(name=layout.name, emoji=layout.emoji, cards=cards)


def _new(send: SendRequest) -> NewMessage:
    return NewMessage(send.sender, send.chat, send.text, send.reply_to, send.client_id)
