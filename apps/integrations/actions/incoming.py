"""Incoming webhooks: addresses at which programs post to a group, each as a bot of its own.

The bot is a member of that group alone, belongs to the person who made the webhook, and has no
tokens: it can do nothing but write what is posted. Decision 0106.
"""

from contextlib import suppress
from secrets import token_hex, token_urlsafe
from uuid import UUID

from django.utils.translation import gettext, gettext_noop, override

from apps.accounts.actions import deletions, registration
from apps.accounts.queries.profiles import get_active_user
from apps.accounts.tokens import digest
from apps.chats.actions import membership
from apps.chats.actions.chat_change import changing
from apps.chats.roles import Right
from apps.core.errors import Full, Invalid, NotFound
from apps.core.limits import BOTS, limited
from apps.integrations.models import IncomingWebhook
from apps.integrations.queries import incoming

MAX_WEBHOOKS = 20
ENDED_AT_ONCE = 100


@limited(BOTS)
def make(user_id: UUID, chat_id: UUID, *, name: str) -> tuple[UUID, str]:
    """A new webhook of the group. Returns its id, and its secret, which is shown to nobody later.

    Raises NotFound, Forbidden, ChatClosed, Full, and Invalid for the name.
    """
    if not name.strip():
        reason = gettext_noop("Give it a name.")
        raise Invalid(reason, pointer="#/name", reason=reason)
    secret = token_urlsafe(32)
    with changing(user_id, chat_id, Right.INTEGRATE) as change:
        owner = get_active_user(user_id)
        if owner.is_bot:
            raise NotFound
        if incoming.count(chat_id) >= MAX_WEBHOOKS:
            words = gettext("A group has at most {n} incoming webhooks.")
            raise Full(words.format(n=MAX_WEBHOOKS))
        with override(owner.locale):
            about = gettext("Incoming webhook")
        username = f"webhook-{token_hex(8)}"
        bot = registration.register_bot(owner, username=username, name=name, about=about)
        membership.admit(change, [bot.id])
        row = IncomingWebhook.objects.create(
            chat_id=chat_id, bot=bot, secret=digest(secret), made_at=change.now
        )
    return row.id, secret


@limited(BOTS)
def replace_secret(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> str:
    """A new secret of the webhook: its old address ends. Raises NotFound, Forbidden, ChatClosed."""
    secret = token_urlsafe(32)
    with changing(user_id, chat_id, Right.INTEGRATE):
        rows = IncomingWebhook.objects.filter(chat_id=chat_id, id=webhook_id)
        if not rows.update(secret=digest(secret)):
            raise NotFound
    return secret


@limited(BOTS)
def delete(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> None:
    """End the webhook, in a closed group, too, and delete its bot: what it posted stays. Raises
    NotFound, Forbidden."""
    with changing(user_id, chat_id, Right.END_INTEGRATION):
        row = IncomingWebhook.objects.filter(chat_id=chat_id, id=webhook_id).first()
    if row is None:
        raise NotFound
    # In a transaction of its own, as it locks the bot's stream before its chats; and first: without
    # its webhook, the bot would be one as others, for which its owner makes tokens.
    with suppress(NotFound):
        deletions.start_of_bot(row.bot_id, by=user_id)
    IncomingWebhook.objects.filter(id=webhook_id).delete()


def delete_ended() -> None:
    """Delete bots that were removed from the group of their webhook; it goes with them (`erase` in
    `bots.py`). A removal cannot do that itself: it holds the lock of the chat."""
    for bot_id in incoming.ended_bots(ENDED_AT_ONCE):
        with suppress(NotFound):
            deletions.start_of_bot(bot_id, by=None)
