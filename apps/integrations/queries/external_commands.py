"""Commands that other servers answer."""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.chats.models import Member
from apps.core.errors import NotFound
from apps.core.runtime import runtime
from apps.integrations.models import ExternalCommand
from apps.integrations.queries.chats import managed_chat


def usable(chat_id: UUID) -> QuerySet[ExternalCommand]:
    """The commands of a group and of all groups, those of the group last.

    One whose bot, or its owner, has a closed account cannot be used, nor can one of a group that
    the owner is not in (any more): the texts go to their server. None can be used while an
    administrator has switched them off.
    """
    if not runtime.EXTERNAL_COMMANDS:
        return ExternalCommand.objects.none()
    open_ = ExternalCommand.objects.filter(bot__is_active=True, bot__bot_owner__is_active=True)
    of_all_first = F("chat_id").asc(nulls_first=True)
    here = Member.objects.filter(chat_id=chat_id, left_rev=None)
    has_owner = Exists(here.filter(user_id=OuterRef("bot__bot_owner_id")))
    usable_here = Q(chat=None) | Q(has_owner, chat_id=chat_id)
    return open_.filter(usable_here).order_by(of_all_first, "name")


def named(chat_id: UUID, name: str) -> ExternalCommand | None:
    """The command of this name in a group: its own one before that of all groups."""
    found = list(usable(chat_id).filter(name=name))
    return found[-1] if found else None


def names_by_bot(owner_id: UUID) -> dict[UUID, list[str]]:
    """The names of the commands that the person's bots answer, by bot."""
    mine = ExternalCommand.objects.filter(bot__bot_owner_id=owner_id).order_by("name")
    found: dict[UUID, list[str]] = {}
    for bot, name in mine.values_list("bot_id", "name"):
        found.setdefault(bot, []).append(name)
    return found


def of_chat(user_id: UUID, chat_id: UUID) -> list[ExternalCommand]:
    """The group's own commands, by name, for those who manage them. `rests`: it cannot be run now.
    Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    return list(_own(chat_id).order_by("name"))


def get(user_id: UUID, chat_id: UUID, command_id: UUID) -> ExternalCommand:
    """One of them. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    if (found := _own(chat_id).filter(id=command_id).first()) is None:
        raise NotFound
    return found


def _own(chat_id: UUID) -> QuerySet[ExternalCommand]:
    works = usable(chat_id).filter(pk=OuterRef("pk"))
    mine = ExternalCommand.objects.filter(chat_id=chat_id).select_related("bot")
    return mine.annotate(rests=~Exists(works))
