"""The bots that are in a chat, and what they may do there."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from msgspec import Struct

from apps.accounts.models import Session
from apps.accounts.queries.profiles import person_body
from apps.accounts.scopes import SCOPES
from apps.chats.models import Member
from apps.core.errors import NotFound
from apps.integrations.models import IncomingWebhook
from apps.integrations.queries.chats import managed_chat
from apps.wire import bodies


class ChatBot(Struct, frozen=True):
    """A bot in a chat. `scopes`: what its tokens cover, together. `is_webhook`: it only writes what
    programs post to an incoming webhook."""

    person: bodies.Person
    owner: bodies.Person | None
    scopes: tuple[str, ...]
    is_webhook: bool


def of_chat(user_id: UUID, chat_id: UUID) -> list[ChatBot]:
    """The bots in the chat, in the order in which they came. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    rows = list(_rows(chat_id).order_by("joined_at", "user_id"))
    scopes = _scopes(row.user_id for row in rows)
    return [_bot(row, scopes.get(row.user_id, set())) for row in rows]


def get(user_id: UUID, chat_id: UUID, bot_id: UUID) -> ChatBot:
    """One of them. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    row = _rows(chat_id).filter(user_id=bot_id).first()
    if row is None:
        raise NotFound
    return _bot(row, _scopes([bot_id]).get(bot_id, set()))


def _rows(chat_id: UUID) -> QuerySet[Member]:
    rows = Member.objects.filter(chat_id=chat_id, left_rev=None, user__is_bot=True)
    webhooks = IncomingWebhook.objects.filter(bot_id=OuterRef("user_id"))
    return rows.select_related("user__bot_owner").annotate(is_webhook=Exists(webhooks))


def _scopes(bots: Iterable[UUID]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    tokens = Session.objects.filter(user_id__in=list(bots)).exclude(scopes=None)
    for bot, scopes in tokens.values_list("user_id", "scopes"):
        if bot is not None:
            found.setdefault(bot, set()).update(scopes or ())
    return found


def _bot(row: Member, scopes: set[str]) -> ChatBot:
    owner = row.user.bot_owner
    return ChatBot(
        person=person_body(row.user),
        owner=person_body(owner) if owner else None,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        is_webhook=row.is_webhook,  # type: ignore[attr-defined]  # annotated
    )
