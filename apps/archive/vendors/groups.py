"""Groups with more members than a group may have here: split, or refused."""

from collections.abc import Mapping
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
) -> list[Part]:
    """The groups that a group becomes: usually one. Each has an owner.

    "split": owners, administrators and those who wrote most are in the first part; every part has
    all of the messages. "refuse": none. Raises ExportError without a choice.
    """
    members = sorted(chat.members, key=lambda one: (RANKS[one.role], -activity.get(one.person, 0)))
    if len(members) <= limit:
        return [Part(0, chat.title, _owned(members))]
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
        Part(at, _title(chat.title, f" ({at + 1}/{len(pieces)})"), _owned(piece))
        for at, piece in enumerate(pieces)
    ]


def _owned(members: list[DraftMember]) -> list[DraftMember]:
    """The members with an owner: the first of them if there was none."""
    if not members or members[0].role == "owner":
        return members
    first = members[0]
    return [DraftMember(first.person, "owner", first.read_until), *members[1:]]


def _title(title: str, suffix: str) -> str:
    return cut(title, MAX_TITLE_LENGTH - len(suffix)) + suffix
