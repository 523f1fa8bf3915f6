"""Answers of other servers to a command: for the one who ran it, or for everybody in the chat."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from hmac import compare_digest
from uuid import UUID, uuid5

from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext, override
from msgspec.structs import replace

from apps.accounts.actions import slowdowns
from apps.accounts.models import User
from apps.accounts.newcomers import check_newcomer
from apps.accounts.tokens import digest
from apps.chats.actions import edits, layouts, membership
from apps.chats.actions.chat_change import changing
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.content_rules import content_rules
from apps.chats.links import links
from apps.chats.models import Member
from apps.chats.queries.access import get_membership
from apps.chats.roles import Right
from apps.core.errors import Conflict, Forbidden, Held, NotFound, Refused
from apps.core.limits import COMMAND_ANSWERS, NEWCOMER_LINK_MESSAGES, check
from apps.integrations.actions import notes
from apps.integrations.cards import fitting
from apps.integrations.commands.slack_answers import Reply
from apps.integrations.models import CommandCall
from apps.integrations.queries import external_commands
from apps.wire import bodies

logger = logging.getLogger(__name__)
# As Slack: of a response_url.
MAX_USES = 5
OPEN_FOR = timedelta(minutes=30)


class UsedUp(Conflict):
    """The address has taken all the answers that it takes."""


def open_call(call_id: UUID, secret: str) -> CommandCall:
    """The run whose `response_url` has this secret. Raises NotFound for an address that is wrong or
    too old, and of a command that cannot be used any more, and RateLimited: faulty answers use
    nothing up, but each is parsed."""
    call = CommandCall.objects.filter(id=call_id, posted_at__gt=Now() - OPEN_FOR).first()
    if call is None or not compare_digest(digest(secret), call.secret):
        raise NotFound
    if not external_commands.usable(call.chat_id).filter(pk=call.command_id).exists():
        raise NotFound
    check(COMMAND_ANSWERS, f"{call.command_id}:{call.chat_id}")
    return call


def reply_later(call: CommandCall, reply: Reply) -> None:
    """Deliver an answer that came by a `response_url`. Raises UsedUp, and what edits raise when it
    stands in place of the last answer."""
    # Counted before it is used: two answers at once are two uses.
    counted = CommandCall.objects.filter(pk=call.pk, uses__lt=MAX_USES).update(uses=F("uses") + 1)
    if not counted:
        raise UsedUp
    call.refresh_from_db()
    deliver(call, reply, number=call.uses)


def deliver(call: CommandCall, reply: Reply, *, number: int) -> None:
    """Deliver an answer; `number` is its place among those of the run, and repeats nothing.

    Does nothing when the person is no longer in the chat.
    """
    try:
        get_membership(call.user_id, call.chat_id)
        if reply.deletes:
            _delete_last(call)
        elif reply.replaces and (call.note_id or call.seq is not None):
            _replace_last(call, reply)
        elif reply.in_channel:
            _write(call, reply, number)
        else:
            tell(call, reply.content.text, number=number, cards=_cards(reply))
    except NotFound:
        logger.info("the answer of a command has no place any more: %s", call.id)


def tell(call: CommandCall, text: str, *, number: int, cards: Sequence[bodies.Card] = ()) -> None:
    """Show a text, or cards, to the one who ran the command. Nothing when they have left the
    chat."""
    try:
        note = notes.add_note(
            call.user_id,
            call.chat_id,
            client_id=_client_id(call, number),
            command=call.command.name,
            text=text,
            cards=cards,
        )
    except NotFound:
        return
    CommandCall.objects.filter(pk=call.pk).update(note_id=note.id, seq=None)


def _write(call: CommandCall, reply: Reply, number: int) -> None:
    """Write the answer into the chat, as the bot of the command. It counts as a message of the
    person: their server could say anything for them."""
    try:
        _join(call)
        send = validated_send(
            sender=call.command.bot_id,
            chat=call.chat_id,
            client_id=_client_id(call, number),
            text=reply.content.text,
            reply_to=call.reply_to,
            layout=_layout(call, reply),
        )
        _check_newcomer(call, reply)
        slowdowns.take_turn(call.user_id)
        content_rules().refresh()
        [outcome] = send_batch([send])
    except Refused as refusal:
        outcome = refusal
    if isinstance(outcome, Sent):
        CommandCall.objects.filter(pk=call.pk).update(seq=outcome.seq, note_id=None)
    elif not isinstance(outcome, Held):
        with override(User.objects.only("locale").get(id=call.user_id).locale):
            words = gettext("The answer of {command} could not be written into the chat.")
        tell(call, words.format(command=f"`/{call.command.name}`"), number=number)


def _layout(call: CommandCall, reply: Reply) -> bodies.Layout:
    """How an answer that everybody sees is drawn: below the line that says who ran the command."""
    layout = reply.content.layout or bodies.Layout()
    run = bodies.CardRun(person=call.user_id, command=f"/{call.command.name}")
    said = _cards(reply) or layouts.text_cards(reply.content.text)
    return replace(layout, cards=fitting(layouts.below(run, said)))


def _cards(reply: Reply) -> list[bodies.Card]:
    return reply.content.layout.cards if reply.content.layout else []


def _check_newcomer(call: CommandCall, reply: Reply) -> None:
    """Raises NewAccount for more messages with links than a new account may write."""
    if links(reply.content.text, limit=1):
        check_newcomer(NEWCOMER_LINK_MESSAGES, call.user_id)


def _join(call: CommandCall) -> None:
    """Add the bot to the chat. Where somebody removed it, it stays out; it comes back when it went
    with its owner, who is here again. Raises Refused."""
    bot = call.command.bot_id
    row = Member.objects.filter(chat_id=call.chat_id, user_id=bot)
    if row.filter(left_rev=None).exists():
        return
    with changing(call.user_id, call.chat_id, Right.ADD_MEMBER) as change:
        if row.filter(removed=True).exists():
            raise Forbidden("The bot was removed from this group.")
        membership.admit(change, [bot])


def _replace_last(call: CommandCall, reply: Reply) -> None:
    text = reply.content.text
    if call.note_id:
        cards = _cards(reply)
        notes.replace_note(call.user_id, call.chat_id, call.note_id, text=text, cards=cards)
    elif call.seq is not None:
        _check_newcomer(call, reply)
        bot, layout = call.command.bot_id, _layout(call, reply)
        edits.edit_message(bot, call.chat_id, seq=call.seq, text=text, layout=layout)


def _delete_last(call: CommandCall) -> None:
    if call.note_id:
        notes.remove_note(call.user_id, call.chat_id, call.note_id)
    elif call.seq is not None:
        edits.delete_message(call.command.bot_id, call.chat_id, seq=call.seq)
    CommandCall.objects.filter(pk=call.pk).update(note_id=None, seq=None)


def _client_id(call: CommandCall, number: int) -> UUID:
    return uuid5(call.id, str(number)) if number else call.client_id
