"""Reacting to a message with emoji."""

from uuid import UUID

from django.db.models import Count, Q

from apps.chats.actions.chat_change import ChatChange, changing
from apps.chats.models import Reaction
from apps.chats.roles import Right
from apps.core.emoji import MAX_LENGTH, custom_name, fully_qualified, is_single_emoji
from apps.core.errors import Invalid, NotPossible
from apps.core.limits import REACTIONS, limited
from apps.emoji.queries.emoji import name_of

# Different emoji on one message, in total and per person, so that it stays readable.
MAX_EMOJI = 50
MAX_EMOJI_PER_PERSON = 20


@limited(REACTIONS)
def add_reaction(user_id: UUID, chat_id: UUID, *, seq: int, emoji: str) -> None:
    """Add an emoji to a message. Idempotent.

    `emoji` is a single emoji, or the `:name:` or `:alias:` of a custom one. Raises NotFound,
    NotContacts, Invalid if it is neither, and NotPossible beyond the limits.
    """
    emoji = _one_form(emoji)
    if len(emoji) > MAX_LENGTH:
        raise Invalid("This is not a single emoji.", pointer="#/emoji")
    with changing(user_id, chat_id, Right.REACT) as change:
        change.message(seq)
        mine = Reaction.objects.filter(chat_id=chat_id, seq=seq, user_id=user_id)
        if mine.filter(emoji=emoji).exists():
            return
        _check_limits(user_id, chat_id, seq=seq, emoji=emoji)
        Reaction.objects.create(
            chat_id=chat_id, seq=seq, user_id=user_id, emoji=emoji, at=change.now
        )
        _change(change, seq, reacted=True)


@limited(REACTIONS)
def remove_reaction(user_id: UUID, chat_id: UUID, *, seq: int, emoji: str) -> None:
    """Remove the person's own emoji from a message. Idempotent. Raises NotFound, Invalid.

    Allowed in a direct chat even after the contact has ended.
    """
    # A server of an older release stores what it is given. A custom emoji may have been removed.
    forms = {emoji, emoji if custom_name(emoji) and not _custom(emoji) else _one_form(emoji)}
    with changing(user_id, chat_id, Right.REMOVE_OWN) as change:
        change.message(seq)
        mine = Reaction.objects.filter(chat_id=chat_id, seq=seq, user_id=user_id)
        if mine.filter(emoji__in=forms).delete()[0]:
            _recount(change, seq)


def _recount(change: ChatChange, seq: int) -> None:
    left = Reaction.objects.filter(chat_id=change.chat.id, seq=seq).exists()
    _change(change, seq, reacted=left)


def _change(change: ChatChange, seq: int, *, reacted: bool) -> None:
    change.change_message(seq, reacted=reacted, reactions_rev=change.chat.rev + 1)


def _check_limits(user_id: UUID, chat_id: UUID, *, seq: int, emoji: str) -> None:
    on_it = Reaction.objects.filter(chat_id=chat_id, seq=seq)
    counts = on_it.aggregate(
        kinds=Count("emoji", distinct=True, filter=~Q(emoji=emoji)),
        mine=Count("emoji", filter=Q(user_id=user_id)),
    )
    if counts["kinds"] >= MAX_EMOJI or counts["mine"] >= MAX_EMOJI_PER_PERSON:
        raise NotPossible("This message has too many reactions.")


def _one_form(emoji: str) -> str:
    if custom := _custom(emoji):
        return custom
    if not is_single_emoji(emoji):
        raise Invalid("This is not a single emoji.", pointer="#/emoji")
    return fully_qualified(emoji)


def _custom(emoji: str) -> str | None:
    """A custom emoji by its name; None if there is none of this name or alias."""
    name = custom_name(emoji)
    found = name and name_of(name)
    return f":{found}:" if found else None
