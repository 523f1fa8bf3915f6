"""Makes bots, their tokens, and ends both. A bot is an account that acts by tokens alone.

It is in a chat only if somebody added it, and does what its tokens cover (`accounts.scopes`) while
the account of its owner is open.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.accounts.access_handlers import Ended, Scope
from apps.accounts.actions import bot_tokens, deletions, registration, sessions, streams
from apps.accounts.actions.access import Way
from apps.accounts.erasure_handlers import Erased
from apps.accounts.models import Session
from apps.accounts.models.session import app_session_key
from apps.accounts.queries.profiles import get_active_user
from apps.contacts.actions import contacts
from apps.contacts.actions import profile as profiles
from apps.core.errors import Full, Invalid, NotFound
from apps.core.limits import BOTS, limited
from apps.integrations.models import IncomingWebhook
from apps.integrations.queries import bots
from apps.wire.publish import EndSessions, Publication, publish

MAX_BOTS = 20


@limited(BOTS)
@transaction.atomic
def make(owner_id: UUID, *, username: str, name: str = "", about: str = "") -> UUID:
    """A new bot of the person, who is its contact. Returns its id.

    Raises Invalid with a pointer to the field, Full for more than `MAX_BOTS`, and NotFound for a
    bot that asks: bots make no bots.
    """
    bot = create(owner_id, username=username, name=name, about=about)
    contacts.meet(owner_id, bot)
    return bot


def create(owner_id: UUID, *, username: str, name: str = "", about: str = "") -> UUID:
    """As `make`, in a transaction of the caller's, who counts it. It is in touch with nobody: the
    bot of a command writes only where its command is run."""
    streams.lock([owner_id])
    owner = get_active_user(owner_id)
    if owner.is_bot:
        raise NotFound
    if bots.count(owner_id) >= MAX_BOTS:
        raise Full(gettext("A person has at most {n} bots.").format(n=MAX_BOTS))
    return registration.register_bot(owner, username=username, name=name, about=about).id


@limited(BOTS)
def change(owner_id: UUID, bot_id: UUID, *, name: str, about: str) -> None:
    """Change what others see of it. Raises Invalid, NotFound."""
    bots.get_user(owner_id, bot_id)
    profiles.update(bot_id, version=None, name=name, about=about)


@limited(BOTS)
def delete(owner_id: UUID, bot_id: UUID) -> None:
    """Delete the bot at once, as an account: what it wrote stays. Raises NotFound."""
    bots.get_user(owner_id, bot_id)
    deletions.start_of_bot(bot_id, by=owner_id)


@limited(BOTS)
@transaction.atomic
def make_token(
    owner_id: UUID,
    bot_id: UUID,
    *,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
) -> tuple[str, UUID]:
    """A new token, which is shown to nobody later, and its id. `expires_at` has a time zone.

    Raises Invalid, Full, and NotFound.
    """
    if expires_at is not None and expires_at <= timezone.now():
        reason = gettext_noop("Choose a time in the future.")
        raise Invalid(reason, pointer="#/expires_at", reason=reason)
    bots.get_user(owner_id, bot_id)
    return bot_tokens.begin(bot_id, name=name, scopes=scopes, expires_at=expires_at)


@limited(BOTS)
def revoke_token(owner_id: UUID, bot_id: UUID, token: UUID) -> None:
    """End a token, and the connections that were opened with it. Raises NotFound."""
    bots.get_user(owner_id, bot_id)
    key = app_session_key(token)
    if not Session.objects.filter(session_key=key, user_id=bot_id).exists():
        raise NotFound
    sessions.end(key, way=Way.DEVICE, by=owner_id)


def end_of_scope(scope: Scope) -> Ended:
    """Close the connections of the person's bots when their account is closed. Their tokens are not
    accepted meanwhile: each use asks whether the owner's account is open."""
    if not scope.account:
        return Ended()
    mine = bots.ids_of(scope.user_id)
    publish(Publication(stream="person", to=bot, event=None, effect=EndSessions()) for bot in mine)
    return Ended({"bots": len(mine)} if mine else {})


def erase(user_id: UUID) -> Erased:
    """Begin to delete the bots of a person whose account is deleted, and forget the webhook of a
    bot."""
    IncomingWebhook.objects.filter(bot_id=user_id).delete()
    mine = bots.ids_of(user_id)
    for bot_id in mine:
        deletions.start_of_bot(bot_id, by=None)
    return {}
