"""The bots of a person, and their tokens."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from apps.accounts.actions.bot_tokens import NEVER
from apps.accounts.models import Deletion, Session, User
from apps.accounts.queries.profiles import person_body
from apps.chats.models import Member
from apps.core.errors import NotFound
from apps.integrations.models import ExternalCommand, IncomingWebhook
from apps.wire import bodies


class BotToken(Struct, frozen=True):
    """A token, without the secret. `used_at` is exact to a few minutes; null: never used."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class Bot(Struct, frozen=True):
    """A bot of the asker, and its tokens, the newest first."""

    person: bodies.Person
    tokens: tuple[BotToken, ...]


def of_owner(owner_id: UUID) -> list[Bot]:
    """The person's bots, by their usernames. Two queries."""
    return _with_tokens(_of(owner_id).order_by("username"))


def get(owner_id: UUID, bot_id: UUID) -> Bot:
    """One of the person's bots. Raises NotFound."""
    [bot] = _with_tokens([get_user(owner_id, bot_id)])
    return bot


def get_user(owner_id: UUID, bot_id: UUID) -> User:
    """The account of one of the person's bots. Raises NotFound."""
    user = _of(owner_id).filter(id=bot_id).first()
    if user is None:
        raise NotFound
    return user


def count(owner_id: UUID) -> int:
    """How many bots the person has."""
    return _of(owner_id).count()


def ids_of(owner_id: UUID) -> list[UUID]:
    """The ids of all bots of the person that are not erased, by id, with those of webhooks."""
    rows = User.objects.filter(bot_owner_id=owner_id, erased_at=None)
    return list(rows.order_by("id").values_list("id", flat=True))


def leaving_with(chat_id: UUID, owner_id: UUID) -> list[UUID]:
    """The bots that leave a group with their owner, by id: those that could go on reading there.

    The bot of an incoming webhook reads nothing, and rests without its maker; that of a command of
    all groups belongs to the server.
    """
    webhooks = IncomingWebhook.objects.values("bot_id")
    of_all = ExternalCommand.objects.filter(chat=None).values("bot_id")
    present = Member.objects.filter(chat_id=chat_id, left_rev=None, user__bot_owner_id=owner_id)
    rows = present.exclude(user_id__in=webhooks).exclude(user_id__in=of_all)
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def _with_tokens(users: Iterable[User]) -> list[Bot]:
    users = list(users)
    tokens: dict[UUID, list[BotToken]] = {user.id: [] for user in users}
    sessions = Session.objects.filter(user_id__in=tokens).order_by("-began_at", "device_id")
    for session in sessions:
        if session.user_id is not None:
            tokens[session.user_id].append(_token(session))
    return [Bot(person_body(user), tuple(tokens[user.id])) for user in users]


def _of(owner_id: UUID) -> QuerySet[User]:
    """Without the bots of webhooks, which act by no tokens; nor do those of commands of all groups,
    which join each group where their command is run."""
    doomed, webhooks = Deletion.objects.values("user_id"), IncomingWebhook.objects.values("bot_id")
    of_all = ExternalCommand.objects.filter(chat=None).values("bot_id")
    mine = User.objects.filter(bot_owner_id=owner_id, bot_owner__is_active=True, is_active=True)
    return mine.exclude(id__in=doomed).exclude(id__in=webhooks).exclude(id__in=of_all)


def _token(session: Session) -> BotToken:
    expires = session.expire_date
    used = session.used_at if session.used_at > session.began_at else None
    return BotToken(
        id=session.device_id,
        name=session.name,
        scopes=tuple(session.scopes or ()),
        made_at=session.began_at,
        used_at=used,
        expires_at=None if expires >= NEVER else expires,
    )
