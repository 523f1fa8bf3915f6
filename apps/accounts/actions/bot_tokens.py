"""The tokens of bots: each is a device of the bot, with what it covers. Only its hash is stored."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext

from apps.accounts.actions import streams
from apps.accounts.models import Session
from apps.accounts.models.session import app_session_key
from apps.accounts.queries.profiles import get_active_user
from apps.accounts.scopes import SCOPES
from apps.accounts.tokens import bot_token, digest
from apps.core.errors import Full, Invalid, NotFound

MAX_TOKENS = 20
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@transaction.atomic
def begin(
    bot_id: UUID, *, name: str, scopes: Collection[str], expires_at: datetime | None = None
) -> tuple[str, UUID]:
    """A new token of the bot, which is shown once, and the id of its device.

    Raises Invalid for no scope or an unknown one, Full, and NotFound for what is no bot or was
    deleted.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(f"Choose among {', '.join(SCOPES)}.", pointer="#/scopes")
    # Closing the account locks the stream, too: no token is made after it.
    streams.lock([bot_id])
    if not get_active_user(bot_id).is_bot:
        raise NotFound
    if Session.objects.filter(user_id=bot_id).count() >= MAX_TOKENS:
        raise Full(gettext("A bot has at most {n} tokens.").format(n=MAX_TOKENS))
    device = uuid4()
    token = bot_token(device)
    Session.objects.create(
        session_key=app_session_key(device),
        # PostgreSQL has later times than Python can read.
        expire_date=min(expires_at or NEVER, NEVER),
        user_id=bot_id,
        device_id=device,
        name=name,
        token_digest=digest(token),
        # In the order of the table.
        scopes=[scope for scope in SCOPES if scope in set(scopes)],
    )
    return token, device
