"""Groups with more members than a group may have here: split, or refused."""

from collections.abc import Container, Mapping
from typing import Literal, NamedTuple

from apps.archive.errors import ExportError
from apps.archive.vendors.drafts import DraftChat, DraftMember
from apps.archive.vendors.report import Report
from apps.chats.actions.validation import MAX_TITLE_LENGTH
from apps.core.graphemes import cut

Large = Literal["split", "refuse"]
RANKS = {"owner": 0, "admin": 1, "member": 2}


class Part(NamedTuple):
    """A group of the archive. `number` is 0 for the only or the first part."""

    number: int
    title: str
    members: list[DraftMember]


def parts(
    chat: DraftChat,
    activity: Mapping[str, int],
    *,
    limit: int,
    large: Large | None,
    report: Report,
    unfit: Container[str] = (),
) -> list[Part]:
    """The groups that a group becomes: usually one. Each has an owner who can manage it, unless all
    its members are `unfit`: programs, and people whose accounts nobody will claim.

    "split": owners, administrators and those who wrote most are in the first part; every part has
    all of the messages. "refuse": none. Raises ExportError without a choice.
    """
    members = sorted(chat.members, key=lambda one: (RANKS[one.role], -activity.get(one.person, 0)))
    if len(members) <= limit:
        return [Part(0, chat.title, _owned(members, unfit))]
    size = f"{chat.title} ({len(members):,} members)"
    if large is None:
        raise ExportError(
            f"{size}: a group has at most {limit} members here. Choose --large split or refuse."
        )
    if large == "refuse":
        report.lost("groups", f"more than {limit} members", size)
        return []
    pieces = [members[start : start + limit] for start in range(0, len(members), limit)]
    report.changed("groups", f"split into parts of {limit} members", size)
    return [
        Part(at, _title(chat.title, f" ({at + 1}/{len(pieces)})"), _owned(piece, unfit))
        for at, piece in enumerate(pieces)
    ]


def _owned(members: list[DraftMember], unfit: Container[str]) -> list[DraftMember]:
    """The members with an owner who is fit to be one: the first of them if there was none."""
    fit = [member for member in members if member.person not in unfit] or members
    if not fit or any(member.role == "owner" for member in fit):
        return members
    owner = DraftMember(fit[0].person, "owner", fit[0].read_until)
    return [owner, *(member for member in members if member is not fit[0])]


def _title(title: str, suffix: str) -> str:
    return cut(title, MAX_TITLE_LENGTH - len(suffix)) + suffix
