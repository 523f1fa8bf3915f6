"""Reads the people of a Mattermost export, and the channels that they are in."""

from apps.archive.vendors.drafts import DraftFile, DraftMember
from apps.archive.vendors.moments import MILLISECOND, of_number
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.chats.foreign.documents import Fields


class Users:
    """`memberships` are the members of each channel, by the key of the channel."""

    def __init__(self, people: People, report: Report) -> None:
        self._people = people
        self._report = report
        self.memberships: dict[str, list[DraftMember]] = {}

    def add(self, fields: Fields, *, is_bot: bool) -> None:
        """Add a person or bot. The username is the id."""
        key = fields.key("username")
        if not key:
            self._report.lost("people", "without a username")
            return
        is_new = key not in self._people
        full_name = f"{fields.text('first_name')} {fields.text('last_name')}".strip()
        picture = fields.text("profile_image")
        self._people.add(
            key,
            username=key,
            name=fields.text("nickname") or full_name or fields.text("display_name"),
            email=fields.text("email"),
            about=fields.text("position") or fields.text("description"),
            locale=fields.text("locale"),
            former=bool(fields.number("delete_at")),
            bot=is_bot,
            picture=file_at(picture, "picture") if picture else None,
        )
        if is_new:
            for team in fields.each("teams"):
                for channel in team.each("channels"):
                    self._join(key, team.key("name"), channel)

    def _join(self, person: str, team: str, channel: Fields) -> None:
        is_admin = "channel_admin" in channel.text("roles").split()
        member = DraftMember(
            person,
            "admin" if is_admin else "member",
            of_number(channel.number("last_viewed_at"), MILLISECOND) or 0,
        )
        key = f"channel\0{team}\0{channel.key('name')}"
        self.memberships.setdefault(key, []).append(member)


def file_at(path: str, fallback: str) -> DraftFile:
    """A file by its path in the export."""
    path = path.lstrip("/")
    name = path.rpartition("/")[2] or fallback
    return DraftFile(path, name, paths=[f"data/{path}", path])
