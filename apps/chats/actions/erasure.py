"""Erases what chats store about a person whose account is deleted, but their messages."""

from uuid import UUID

from django.db.models import Q

from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.chats.actions import membership
from apps.chats.actions.chat_change import ChatChange, finish
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.models import Chat, Draft, Member, Saved, Scheduled

# A person's own settings of a chat, and when they read, as for somebody who has set none.
NO_SETTINGS = {
    "pinned": False,
    "archived": False,
    "muted": False,
    "muted_until": None,
    "notify": "",
    "marked_unread": False,
    "unread_from": None,
    "read_from": None,
    "read_to": None,
    "read_at": None,
}


def erase(user_id: UUID) -> Erased:
    """One group at a time, then everything that is the person's own."""
    # A membership without the time of joining is one that was erased before.
    of_person = Member.objects.filter(user_id=user_id, chat__kind=Chat.Kind.GROUP)
    memberships = of_person.filter(Q(left_rev=None) | Q(joined_at__isnull=False))
    chat_id = memberships.order_by("chat_id").values_list("chat_id", flat=True).first()
    if chat_id is not None:
        return {"memberships": _erase_membership(user_id, chat_id)}
    with_settings = Member.objects.filter(user_id=user_id).exclude(**NO_SETTINGS)
    settings = with_settings.update(**NO_SETTINGS)
    scheduled, _ = Scheduled.objects.filter(user_id=user_id).delete()
    streams.lock([user_id])
    drafts, _ = Draft.objects.filter(user_id=user_id).delete()
    saved, _ = Saved.objects.filter(user_id=user_id).delete()
    return {
        "settings of chats": settings,
        "scheduled texts": scheduled,
        "drafts": drafts,
        "saved messages": saved,
    }


def _erase_membership(user_id: UUID, chat_id: UUID) -> int:
    """Leave the group, if the person is still in it, and tell its members the new name.

    Members are told of former members, too, whose messages have a name.
    """
    now = lock_chat(chat_id)
    member = Member.objects.select_related("chat").get(chat_id=chat_id, user_id=user_id)
    change = ChatChange(member.chat, member, actor_id=user_id, now=now)
    member.joined_at = None
    member.save(update_fields=["joined_at"])
    if member.left_rev is None:
        change.entry("left")
        membership.end_membership(change, member, removed=False)
    else:
        member.rev = change.next_rev()
        member.save(update_fields=["rev"])
        change.publish_members({user_id: member.rev})
    finish([change])
    return 1
