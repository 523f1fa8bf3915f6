"""Refuses and holds messages for what is in them, before a batch is written, and flags those that
are written.

It costs nothing that waits, unless a message is about to be refused, held, counted or flagged.
Rules of the moderators concern groups: what two people say to each other is private (decision
0061).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from apps.accounts.newcomers import check_newcomer, is_recent
from apps.chats.content_rules import Verdict, content_rules
from apps.chats.links import links
from apps.chats.models import Chat, Message
from apps.core.errors import AgainstRules, NotAsEdit, Refused
from apps.core.identifiers import MADE_UP_END
from apps.core.limits import NEWCOMER_LINK_MESSAGES

# Chat, sender and client id: what identifies a send.
SendKey = tuple[UUID, UUID, UUID]
# Messages of new accounts with links that this process has counted. A send is tried more than once:
# when its chat is locked, when its client had no response.
_counted: OrderedDict[SendKey, None] = OrderedDict()
MAX_COUNTED = 10_000


class Checked(NamedTuple):
    """Of some sends: the refusal of each that is refused, the rules that hold a message, and those
    that flag one."""

    refused: dict[SendKey, Refused]
    held: dict[SendKey, Collection[int]]
    flagged: dict[SendKey, Collection[int]]


def check(sends: Iterable[tuple[SendKey, str, bool]]) -> Checked:
    """Check sends: their keys, their texts, and whether a moderator approved the text, which then
    is only refused. A message that is committed already is neither refused nor held: it was sent
    again because its sender had no response."""
    checked = Checked({}, {}, {})
    for key, text, is_approved in sends:
        verdict = content_rules().judge(text)
        if is_approved:
            if verdict.refused and _is_group(key[0]) and not is_committed(key):
                checked.refused[key] = AgainstRules()
        elif verdict.held_by and not verdict.refused and _is_group(key[0]):
            if not is_committed(key):
                checked.held[key] = verdict.held_by
        else:
            refusal = _refusal(key, text, verdict)
            if refusal is not None and not is_committed(key):
                checked.refused[key] = refusal
            elif verdict.flagged_by:
                checked.flagged[key] = verdict.flagged_by
    return checked


def flag(written: Iterable[tuple[UUID, int, Collection[int]]]) -> None:
    """Tell the moderators of messages (chat, seq) that these rules flag. Call it in the transaction
    that writes them."""
    for chat, seq, rules in written:
        if rules and _is_group(chat):
            content_rules().flag(chat, seq, rules)


def check_edited(chat: Chat, message: Message, text: str) -> Collection[int]:
    """Check the new text of a message. Returns the rules that flag it. Raises AgainstRules,
    NotAsEdit, and NewAccount for a new account that adds links to messages without any."""
    content_rules().refresh()
    verdict = content_rules().judge(text)
    if chat.kind == Chat.Kind.GROUP and verdict.refused:
        raise AgainstRules
    if chat.kind == Chat.Kind.GROUP and verdict.held_by:
        raise NotAsEdit
    if _has_links(message.sender_id, text) and not links(message.text, limit=1):
        check_newcomer(NEWCOMER_LINK_MESSAGES, message.sender_id)
    return verdict.flagged_by


def _refusal(key: SendKey, text: str, verdict: Verdict) -> Refused | None:
    chat, sender, _ = key
    if verdict.refused and _is_group(chat):
        return AgainstRules()
    if _has_links(sender, text) and key not in _counted:
        try:
            check_newcomer(NEWCOMER_LINK_MESSAGES, sender)
        except Refused as refusal:
            return refusal
        _counted[key] = None
        while len(_counted) > MAX_COUNTED:
            _counted.popitem(last=False)
    return None


def _has_links(sender: UUID, text: str) -> bool:
    """Whether a new account writes links."""
    return is_recent(sender) and bool(links(text, limit=1))


def _is_group(chat: UUID) -> bool:
    """Whether the rules concern this chat: moderators are not told of a load check."""
    if chat < MADE_UP_END:
        return False
    return Chat.objects.filter(id=chat, kind=Chat.Kind.GROUP).exists()


def is_committed(key: SendKey) -> bool:
    """Whether a message of this key was sent."""
    chat, sender, client_id = key
    rows = Message.objects.filter(chat_id=chat, sender_id=sender, client_id=client_id)
    return rows.exists()
