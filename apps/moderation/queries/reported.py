"""What of a report's evidence and chat a moderator can change now."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.models import Chat, Member, Message
from apps.moderation.models import Evidence


class Shown(NamedTuple):
    """An entry of the evidence, what has become of it, and which actions apply to it now."""

    entry: Evidence
    is_hidden: bool
    is_deleted: bool
    can_hide: bool
    can_restore: bool
    can_delete: bool
    can_remove: bool
    # Whom a system entry is about, by their name of today.
    about: str

    @property
    def can_act(self) -> bool:
        """Whether there is anything to offer."""
        return self.can_hide or self.can_restore or self.can_delete or self.can_remove


class Group(NamedTuple):
    """The reported group as it is now."""

    closed_reason: str
    # Those of the evidence's senders, and of the reported person, whom one can remove.
    removable: frozenset[UUID]


def group(moderator: User, chat_id: UUID | None, people: Sequence[UUID]) -> Group | None:
    """The group; None for a direct chat, and for one that is gone."""
    found = Chat.objects.filter(kind=Chat.Kind.GROUP)
    chat = None if chat_id is None else found.filter(id=chat_id).first()
    if chat is None:
        return None
    members = Member.objects.filter(chat=chat, user__in=people, left_rev=None)
    inside = frozenset(members.values_list("user_id", flat=True))
    return Group(chat.closed_reason, inside - _out_of_reach(moderator, people))


def entries(
    moderator: User, chat_id: UUID | None, evidence: Sequence[Evidence], group: Group | None
) -> list[Shown]:
    """The evidence with what can be done to each entry; a report without a chat has none."""
    if chat_id is None:
        return []
    seqs = [each.seq for each in evidence]
    rows = {row.seq: row for row in Message.objects.filter(chat_id=chat_id, seq__in=seqs)}
    people = profiles.people({row.about for row in rows.values() if row.about})
    names = {person: body.name for person, body in people.items()}
    beyond = _out_of_reach(moderator, [each.sender_id for each in evidence])
    removable = group.removable if group else frozenset()
    return [_shown(each, rows.get(each.seq), beyond, removable, names) for each in evidence]


def _shown(
    entry: Evidence,
    row: Message | None,
    beyond: frozenset[UUID],
    removable: frozenset[UUID],
    names: dict[UUID, str],
) -> Shown:
    hidden = row is not None and row.hidden_at is not None
    gone = row is None or (row.deleted_at is not None and not hidden)
    reach = entry.kind == "text" and not gone and entry.sender_id not in beyond
    about = row.about if row else None
    return Shown(
        entry,
        is_hidden=hidden,
        is_deleted=gone,
        can_hide=reach and not hidden,
        can_restore=reach and hidden,
        can_delete=reach,
        can_remove=entry.kind == "text" and entry.sender_id in removable,
        about=names.get(about, "") if about and about != entry.sender_id else "",
    )


def _out_of_reach(moderator: User, people: Sequence[UUID]) -> frozenset[UUID]:
    """Those on whom the moderator may not act, as `moderators.check_reach` decides."""
    staff = User.objects.filter(Q(is_staff=True) | Q(is_superuser=True), id__in=people)
    found = set() if moderator.is_superuser else set(staff.values_list("id", flat=True))
    return frozenset(found | {moderator.id})
