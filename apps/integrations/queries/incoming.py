"""Incoming webhooks: those of a chat, and the one that a program posts to."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from msgspec import Struct

from apps.accounts.models import Deletion
from apps.accounts.queries.profiles import person_body
from apps.chats.models import Member
from apps.core.errors import NotFound
from apps.integrations.models import IncomingWebhook
from apps.integrations.queries.chats import managed_chat
from apps.wire import bodies

State = Literal["active", "paused", "removed"]


class IncomingHook(Struct, frozen=True):
    """An incoming webhook of a chat, without its secret. `made_by`: null if nobody is known.
    `used_at` is exact to some minutes; null: never used. `state`: `paused` while the account of its
    maker or that of its bot is closed, or the maker is not in the chat."""

    id: UUID
    bot: bodies.Person
    made_by: bodies.Person | None
    made_at: datetime
    used_at: datetime | None
    state: Literal["active", "paused"]


class Target(Struct, frozen=True):
    """Where what is posted to a webhook goes. `secret` is the stored hash. `has_readers`: people
    are in the chat. `removed`: its bot was removed from the chat."""

    id: UUID
    chat: UUID
    bot: UUID
    secret: str
    state: State
    has_readers: bool


def of_chat(user_id: UUID, chat_id: UUID) -> list[IncomingHook]:
    """The webhooks of a chat, the newest first. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    return [_webhook(row) for row in _standing(chat_id).order_by("-id")]


def count(chat_id: UUID) -> int:
    """How many webhooks a chat has."""
    return _standing(chat_id).count()


def ended_bots(limit: int) -> list[UUID]:
    """Some bots of webhooks that were removed from their chat, and are not being deleted yet."""
    doomed = Deletion.objects.values("user_id")
    rows = IncomingWebhook.objects.filter(~_bot_is_here()).exclude(bot_id__in=doomed)
    return list(rows.order_by("id").values_list("bot_id", flat=True)[:limit])


def get(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> IncomingHook:
    """One of them. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    found = _standing(chat_id).filter(id=webhook_id).first()
    if found is None:
        raise NotFound
    return _webhook(found)


def target(webhook_id: UUID) -> Target | None:
    """The webhook that a program posts to; None: there is none."""
    people = _present(OuterRef("chat_id")).filter(user__is_active=True, user__is_bot=False)
    row = _rows().filter(id=webhook_id).annotate(has_readers=Exists(people)).first()
    if row is None:
        return None
    return Target(row.id, row.chat_id, row.bot_id, row.secret, _state(row), row.has_readers)


def usernames(chat_id: UUID, people: Collection[UUID]) -> Mapping[UUID, str]:
    """The usernames of those who are in the chat."""
    present = _present(chat_id).filter(user_id__in=people)
    return dict(present.values_list("user_id", "user__username"))


def _rows() -> QuerySet[IncomingWebhook]:
    here = _present(OuterRef("chat_id"))
    return IncomingWebhook.objects.select_related("bot__bot_owner").annotate(
        is_here=_bot_is_here(),
        # Who knows the address writes to the chat: this ends with the membership, as links do.
        has_maker=Exists(here.filter(user_id=OuterRef("bot__bot_owner_id"))),
    )


def _standing(chat_id: UUID) -> QuerySet[IncomingWebhook]:
    """Without those whose bot was removed, and cannot be added again, or is being deleted. That of
    a suspended bot stays: the bot may come back."""
    doomed = Deletion.objects.values("user_id")
    return _rows().filter(_bot_is_here(), chat_id=chat_id).exclude(bot_id__in=doomed)


def _bot_is_here() -> Exists:
    return Exists(_present(OuterRef("chat_id")).filter(user_id=OuterRef("bot_id")))


def _present(chat_id: UUID | OuterRef) -> QuerySet[Member]:
    return Member.objects.filter(chat_id=chat_id, left_rev=None)


def _webhook(row: IncomingWebhook) -> IncomingHook:
    maker = row.bot.bot_owner
    return IncomingHook(
        id=row.id,
        bot=person_body(row.bot),
        made_by=person_body(maker) if maker else None,
        made_at=row.made_at,
        used_at=row.used_at,
        state=_standing_state(row),
    )


def _state(row: IncomingWebhook) -> State:
    is_here = row.is_here  # type: ignore[attr-defined]  # annotated
    return _standing_state(row) if is_here else "removed"


def _standing_state(row: IncomingWebhook) -> Literal["active", "paused"]:
    owner = row.bot.bot_owner
    has_maker = row.has_maker  # type: ignore[attr-defined]  # annotated
    is_open = row.bot.is_active and owner is not None and owner.is_active
    return "active" if has_maker and is_open else "paused"
