"""Opening the direct chat of two people."""

from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.queries import profiles
from apps.chats.models import Chat, Member
from apps.chats.queries import lists
from apps.contacts.queries.contacts import are_contacts
from apps.core.errors import NotContacts
from apps.core.limits import DIRECT_CHATS, limited
from apps.wire import events
from apps.wire.publish import JoinChat, Publication, publish

LOCK_PAIR = "SELECT FROM chats_chat WHERE low = %s AND high = %s FOR NO KEY UPDATE"


def lock_direct(one: UUID, other: UUID) -> None:
    """Lock the direct chat of two people, if there is one, as every change of it does."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PAIR, sorted((one, other)))


@limited(DIRECT_CHATS)
def open_direct(user_id: UUID, other_id: UUID) -> UUID:
    """The id of the direct chat of two contacts, made when there is none yet.

    An existing chat is answered whether or not they are still in touch. Raises NotContacts,
    also for a person who does not exist, and NotFound for a closed account.
    """
    low, high = sorted((user_id, other_id))
    pair = Chat.objects.filter(low=low, high=high).values_list("id", flat=True)
    if (found := pair.first()) is not None:
        return found
    with transaction.atomic():
        # Whoever opens it from the other side, or parts from it, goes before or after this.
        streams.lock((low, high))
        if (found := pair.first()) is not None:
            return found
        profiles.get_active_user(user_id)
        if not are_contacts(user_id, other_id):
            raise NotContacts
        return _make(low, high, streams.advance((low, high))).id


def _make(low: UUID, high: UUID, revs: dict[UUID, int]) -> Chat:
    now = timezone.now()
    chat = Chat.objects.create(kind="direct", low=low, high=high, created_at=now, active_at=now)
    Member.objects.bulk_create(
        Member(chat=chat, user_id=person, person_rev=revs[person]) for person in (low, high)
    )
    publish(_joined(person, chat.id, revs[person]) for person in (low, high))
    return chat


def _joined(person: UUID, chat_id: UUID, rev: int) -> Publication:
    [body] = lists.some_of(person, [chat_id])
    return Publication(
        stream="person",
        to=person,
        event=events.ChatChanged(user_rev=rev, chat=body),
        rev=rev,
        follows=rev - 1,
        effect=JoinChat(chat=chat_id, rev=body.rev),
    )
