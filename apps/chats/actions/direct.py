"""Opening direct chats: when somebody wants to write, and when two people become contacts."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.queries import profiles
from apps.chats.actions.chat_change import ChatChange, finish
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.actions.previews import request_previews
from apps.chats.models import Chat, Member
from apps.chats.queries import chat_list
from apps.contacts.acceptance_handlers import Acceptance
from apps.contacts.queries.contacts import are_contacts
from apps.core.errors import NotContacts
from apps.core.limits import DIRECT_CHATS, limited
from apps.wire import events
from apps.wire.publish import JoinChat, Publication, publish


@limited(DIRECT_CHATS)
def open_direct(user_id: UUID, other_id: UUID) -> UUID:
    """The id of the direct chat of two contacts. Creates it if needed.

    Returns an existing chat even if the two are no longer contacts. Raises NotContacts, also for a
    person who does not exist, and NotFound for a closed account.
    """
    low, high = sorted((user_id, other_id))
    pair = Chat.objects.filter(low=low, high=high).values_list("id", flat=True)
    if (found := pair.first()) is not None:
        return found
    with transaction.atomic():
        # Serializes with the other person opening the chat, and with either ending the contact.
        streams.lock((low, high))
        if (found := pair.first()) is not None:
            return found
        profiles.get_active_user(user_id)
        if not are_contacts(user_id, other_id):
            raise NotContacts
        return _create(low, high, streams.advance((low, high))).id


def open_on_acceptance(acceptance: Acceptance) -> None:
    """Two people have become contacts: open their direct chat on both sides.

    It begins with the inviter's greeting, if there is one, and says that the invitation was
    accepted. Call it with the chat, if it exists, and the streams of both locked.
    """
    accepter, inviter, greeting = acceptance
    low, high = sorted((accepter, inviter))
    chat = Chat.objects.filter(low=low, high=high).first()
    if chat is None:
        chat = _create(low, high, streams.advance((low, high)))
    if greeting:
        # Not a send: it was said with the invitation, and what its author may send now is nothing
        # to the person who accepts.
        said = ChatChange(chat, None, actor_id=inviter, now=lock_chat(chat.id))
        said.entry("text", text=greeting)
        finish([said])
        request_previews([(chat.id, chat.last_seq, greeting)])
    change = ChatChange(chat, None, actor_id=accepter, now=lock_chat(chat.id))
    change.entry("accepted")
    finish([change])


def _create(low: UUID, high: UUID, revs: dict[UUID, int]) -> Chat:
    now = timezone.now()
    chat = Chat.objects.create(kind="direct", low=low, high=high, created_at=now, active_at=now)
    Member.objects.bulk_create(
        Member(chat=chat, user_id=person, person_rev=revs[person]) for person in (low, high)
    )
    publish(_joined(person, chat.id, revs[person]) for person in (low, high))
    return chat


def _joined(person: UUID, chat_id: UUID, rev: int) -> Publication:
    [body] = chat_list.by_ids(person, [chat_id])
    return Publication(
        stream="person",
        to=person,
        event=events.ChatChanged(user_rev=rev, chat=body),
        rev=rev,
        follows=rev - 1,
        effect=JoinChat(chat=chat_id, rev=body.rev),
    )
