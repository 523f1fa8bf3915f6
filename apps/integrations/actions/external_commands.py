"""Makes, changes and deletes commands that other servers answer: of one group, or of all."""

from collections.abc import Mapping
from contextlib import suppress
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.accounts.actions import deletions
from apps.chats.actions import membership
from apps.chats.actions.chat_change import changing
from apps.chats.roles import Right
from apps.core.clean_text import clean_line
from apps.core.errors import Full, Invalid, NotFound
from apps.core.limits import BOTS, limited
from apps.core.sealing import seal, unseal
from apps.integrations.actions import bots as bot_actions
from apps.integrations.actions.calls import SEAL
from apps.integrations.actions.run_command import run_command
from apps.integrations.commands.builtin import RESERVED
from apps.integrations.commands.registry import NAME, registered
from apps.integrations.gateways.addresses import checked_address
from apps.integrations.models import ExternalCommand
from apps.integrations.queries import bots, external_commands
from apps.integrations.queries.chats import managed_chat, open_chat

MAX_COMMANDS = 50
MAX_LENGTHS = {"hint": 80, "description": 120}


@limited(BOTS)
def make(
    user_id: UUID, /, chat_id: UUID, *, bot: UUID | None = None, **fields: str
) -> ExternalCommand:
    """A new command of a group. `bot`: the one of the person that writes the answers which
    everybody sees; without it, a new one is made, in a transaction of its own: its streams are
    locked before chats. It joins the group.

    `fields`: name, url, hint, description. Raises Invalid with a pointer to the field, Full,
    NotFound, Forbidden.
    """
    row = _new(fields)
    managed_chat(user_id, chat_id)
    _check_room(chat_id, row.name)
    row.bot_id = _bot_of(user_id, bot, row)
    with changing(user_id, chat_id, Right.INTEGRATE) as change:
        _check_room(chat_id, row.name)
        membership.admit(change, [row.bot_id])
        row.chat_id = chat_id
        row.save(force_insert=True)
    return row


def _check_room(chat_id: UUID, name: str) -> None:
    mine = ExternalCommand.objects.filter(chat_id=chat_id)
    if mine.filter(name=name).exists():
        raise _taken()
    if mine.count() >= MAX_COMMANDS:
        raise Full(gettext("A group has at most {n} commands.").format(n=MAX_COMMANDS))


@transaction.atomic
def make_for_all(staff_id: UUID, **fields: str) -> ExternalCommand:
    """A new command of all groups, for the admin, with a new bot of this person, which gets no
    tokens. Raises Invalid, Full."""
    row = _new(fields)
    row.bot_id = _bot_of(staff_id, None, row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _taken() from error
    return row


@limited(BOTS)
def change(user_id: UUID, /, chat_id: UUID, command_id: UUID, **fields: str) -> None:
    """Change the address, the hint and the description. Raises Invalid, NotFound, Forbidden."""
    with changing(user_id, chat_id, Right.INTEGRATE):
        row = external_commands.get(user_id, chat_id, command_id)
        change_row(row, fields)


def change_row(row: ExternalCommand, fields: Mapping[str, str]) -> None:
    """Change what `fields` has of the address, the hint and the description. Raises Invalid."""
    for name, value in _clean(fields).items():
        setattr(row, name, value)
    row.save(update_fields=["url", "hint", "description"])


@limited(BOTS)
def replace_secret(user_id: UUID, chat_id: UUID, command_id: UUID) -> str:
    """Replace the secret that signs requests. Returns the new one. Raises NotFound, Forbidden."""
    with changing(user_id, chat_id, Right.INTEGRATE):
        row = external_commands.get(user_id, chat_id, command_id)
        replace_secret_of(row)
    return secret_of(row)


def replace_secret_of(row: ExternalCommand) -> None:
    """Replace the secret of a command."""
    row.secret = _sealed(token_hex(16))
    row.save(update_fields=["secret"])


@limited(BOTS)
def delete(user_id: UUID, chat_id: UUID, command_id: UUID) -> None:
    """Delete a command, in a closed group, too. Its bot stays in the group. Raises NotFound,
    Forbidden."""
    with changing(user_id, chat_id, Right.END_INTEGRATION):
        external_commands.get(user_id, chat_id, command_id).delete()


def delete_row(row: ExternalCommand, *, by: UUID) -> None:
    """Delete a command, for the admin; with the bot of one of all groups, which is in groups that
    did not choose it."""
    if row.chat_id is None:
        # First: without its command, it would be a bot as others, for which its owner makes tokens.
        with suppress(NotFound):
            deletions.start_of_bot(row.bot_id, by=by)
    row.delete()


def try_out(user_id: UUID, chat_id: UUID, command_id: UUID) -> None:
    """Run the command once as the person; its answer comes into the chat. Raises NotFound,
    Forbidden, ChatClosed, and what `run_command` raises."""
    open_chat(user_id, chat_id)
    row = external_commands.get(user_id, chat_id, command_id)
    run_command(user_id, chat_id, client_id=uuid4(), text=f"/{row.name} test")


def secret_of(row: ExternalCommand) -> str:
    """The secret, for the page that shows it once. Raises Unreadable."""
    return unseal(bytes(row.secret), label=SEAL)


def _new(fields: Mapping[str, str]) -> ExternalCommand:
    name = fields["name"].strip().removeprefix("/").lower()
    if not NAME.fullmatch(name):
        reason = gettext("Use letters from a to z, digits, - and _; at most 32.")
        raise Invalid(reason, pointer="#/name", reason=reason)
    if name in RESERVED or registered(name):
        reason = gettext("Parley has a command of this name itself.")
        raise Invalid(reason, pointer="#/name", reason=reason)
    values = _clean({key: value for key, value in fields.items() if key != "name"})
    secret = _sealed(token_hex(16))
    return ExternalCommand(name=name, secret=secret, made_at=timezone.now(), **values)


def _clean(fields: Mapping[str, str]) -> dict[str, Any]:
    """The address and the texts, as they are stored. Raises Invalid with a pointer."""
    cleaned: dict[str, Any] = {}
    for field in MAX_LENGTHS.keys() & fields.keys():
        try:
            text = clean_line(fields[field])
        except ValueError as error:
            raise Invalid(str(error), pointer=f"#/{field}", reason=str(error)) from error
        if len(text) > MAX_LENGTHS[field]:
            reason = gettext("Use at most {n} characters.").format(n=MAX_LENGTHS[field])
            raise Invalid(reason, pointer=f"#/{field}", reason=reason)
        cleaned[field] = text
    if "url" in fields:
        cleaned["url"] = checked_address(fields["url"]).url
    return cleaned


def _bot_of(user_id: UUID, bot: UUID | None, row: ExternalCommand) -> UUID:
    """The bot that writes the answers: one of the person's, or a new one."""
    if bot is not None:
        return bots.get_user(user_id, bot).id
    username = f"{row.name[:24].rstrip('-_')}-{token_hex(3)}"
    with transaction.atomic():
        return bot_actions.create(user_id, username=username, name=f"/{row.name}")


def _sealed(secret: str) -> bytes:
    return seal(secret, label=SEAL)


def _taken() -> Invalid:
    reason = gettext("There is a command of this name already.")
    return Invalid(reason, pointer="#/name", reason=reason)
