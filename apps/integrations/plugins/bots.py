"""The bot of a plugin: an account without an owner, as which the plugin writes to people."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from apps.accounts.actions import registration
from apps.chats.actions.direct import open_direct
from apps.contacts.actions import contacts
from apps.core.errors import Invalid
from apps.integrations.models import PluginBot


def bot_of(plugin: str, *, name: str) -> UUID:
    """The account of a plugin's bot, made at the first use. `name`: its name then."""
    known = PluginBot.objects.filter(plugin=plugin).values_list("user_id", flat=True).first()
    return known or _make(plugin, name)


def direct_chat(plugin: str, person: UUID, *, name: str) -> tuple[UUID, UUID]:
    """The bot of a plugin, and its direct chat with a person, whose contact it becomes.

    Raises NotFound for an account that is closed, and for somebody who has blocked the bot.
    """
    bot = bot_of(plugin, name=name)
    contacts.meet(person, bot)
    return bot, open_direct(person, bot)


def _make(plugin: str, name: str) -> UUID:
    try:
        with transaction.atomic():
            user = _register(plugin, name)
            PluginBot.objects.create(plugin=plugin, user_id=user)
    except IntegrityError:
        # Another worker was faster.
        return PluginBot.objects.values_list("user_id", flat=True).get(plugin=plugin)
    return user


def _register(plugin: str, name: str) -> UUID:
    """A new account. If a person has the name of the plugin, it gets another one."""
    try:
        return registration.register_bot(None, username=plugin, name=name, about="").id
    except Invalid:
        username = f"{plugin[:20]}_{uuid4().hex[:8]}"
        return registration.register_bot(None, username=username, name=name, about="").id
