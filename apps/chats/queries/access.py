"""Which chats a person may see: every door to a chat comes through here."""

from uuid import UUID

from apps.chats.models import Chat, Member
from apps.contacts.queries.contacts import are_contacts
from apps.core.errors import NotContacts, NotFound

# Whether the two people of a direct chat are in touch; true in a group. Takes the aliases of
# chats_chat and of the chats_member that asks; as `in_touch`.
IN_TOUCH = """({0}.low IS NULL OR EXISTS (
    SELECT FROM contacts_contact bond
    WHERE bond.owner_id = CASE WHEN {0}.low = {1}.user_id THEN {0}.high ELSE {0}.low END
        AND bond.other_id = {1}.user_id AND bond.state = 'contact'))"""


def get_membership(user_id: UUID, chat_id: UUID) -> Member:
    """The person's present membership with its chat.

    Raises NotFound, alike, for an absent chat, for one that is not theirs (any more), and when
    their account is closed.
    """
    membership = (
        Member.objects.select_related("chat")
        .filter(chat_id=chat_id, user_id=user_id, left_rev=None, user__is_active=True)
        .first()
    )
    if membership is None:
        raise NotFound
    return membership


def in_touch(chat: Chat) -> bool:
    """Whether the two people of a direct chat are in touch; true in a group."""
    if chat.low is None or chat.high is None:
        return True
    return are_contacts(chat.low, chat.high)


def check_in_touch(user_id: UUID, chat_id: UUID) -> None:
    """Raises NotFound unless the chat is the person's, NotContacts when it is a direct chat whose
    people are not in touch."""
    if not in_touch(get_membership(user_id, chat_id).chat):
        raise NotContacts


def pair_of(chat_id: UUID) -> frozenset[UUID]:
    """The two people of a direct chat; nobody for a group or an absent chat."""
    pair = Chat.objects.filter(id=chat_id, kind=Chat.Kind.DIRECT).values_list("low", "high").first()
    return frozenset(person for person in pair or () if person is not None)
