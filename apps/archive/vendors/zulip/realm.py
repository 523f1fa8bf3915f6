"""Reads `realm.json` of a Zulip export: people, channels and who is in which."""

from apps.archive.vendors.drafts import DraftChat, DraftFile, DraftMember, DraftReaction
from apps.archive.vendors.messages import found_reactions
from apps.archive.vendors.moments import SECOND, of_number
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.texts import title
from apps.chats.foreign.documents import Fields

# Bots of the server, which belong to no organization.
BOTS = "zerver_userprofile_crossrealm"
PEOPLE = ("zerver_userprofile", BOTS, "zerver_userprofile_mirrordummy")
# Types of recipients: a person, a channel, a group.
NOT_IMPORTED = {
    "zerver_realmemoji": "custom emoji",
    "zerver_usergroup": "user groups",
    "zerver_customprofilefield": "fields of profiles",
}


class Realm:
    """`by_name` finds people by their full names, as mentions do."""

    def __init__(self, fields: Fields, people: People, report: Report) -> None:
        self._people = people
        self._report = report
        self.by_name: dict[str, str] = {}
        self.chats: dict[str, DraftChat] = {}
        # The person of a recipient of direct messages.
        self.personal: dict[str, str] = {}
        self._reactions: dict[str, list[DraftReaction]] = {}
        for table in PEOPLE:
            for user in fields.each(table):
                self._add_person(user, is_bot=table == BOTS or user.flag("is_bot"))
        self._add_chats(fields)
        self.add_reactions(fields)
        for table, what in NOT_IMPORTED.items():
            for row in fields.each(table):
                report.lost(what, "Parley has nothing of the kind", row.text("name"))

    def reactions(self, message: str) -> list[DraftReaction]:
        """The reactions to a message."""
        return self._reactions.get(message, [])

    def add_reactions(self, fields: Fields) -> None:
        """Add the reactions of a file."""
        for reaction in fields.each("zerver_reaction"):
            person, message = reaction.key("user_profile"), reaction.key("message")
            if not person or not message:
                continue
            is_unicode = reaction.text("reaction_type") in ("", "unicode_emoji")
            found = found_reactions(
                reaction.text("emoji_name"),
                [person],
                0,
                report=self._report,
                code=reaction.text("emoji_code"),
                is_custom=not is_unicode,
            )
            self._reactions.setdefault(message, []).extend(found)

    def _add_person(self, user: Fields, *, is_bot: bool) -> None:
        key = user.key("id")
        if not key:
            self._report.lost("people", "without an id")
            return
        name, email = user.text("full_name"), user.text("delivery_email") or user.text("email")
        self._people.add(
            key,
            username=email or name or key,
            name=name,
            email="" if is_bot else email,
            time_zone=user.text("timezone"),
            locale=user.text("default_language"),
            former=user.get("is_active") is False,
            bot=is_bot,
        )
        self.by_name.setdefault(name, key)

    def _add_chats(self, fields: Fields) -> None:
        streams = {stream.key("id"): stream for stream in fields.each("zerver_stream")}
        members: dict[str, list[DraftMember]] = {}
        for one in fields.each("zerver_subscription"):
            person = one.key("user_profile")
            if person in self._people and one.get("active") is not False:
                members.setdefault(one.key("recipient"), []).append(DraftMember(person))
        for recipient in fields.each("zerver_recipient"):
            key, target = recipient.key("id"), recipient.key("type_id")
            match recipient.number("type"):
                case 1:
                    self.personal[key] = target
                case 2 if target in streams:
                    self.chats[key] = self._stream(streams[target], members.get(key, []))
                case 3:
                    self.chats[key] = self._group(key, members.get(key, []))

    def _stream(self, stream: Fields, members: list[DraftMember]) -> DraftChat:
        if stream.text("description"):
            self._report.lost("descriptions of channels", "groups have a title")
        creator = stream.key("creator")
        for member in members:
            if member.person == creator:
                member.role = "owner"
        created = of_number(stream.number("date_created"), SECOND) or 0
        key = f"stream {stream.key('id')}"
        return DraftChat(key, "group", title(stream.text("name")), members, created)

    def _group(self, recipient: str, members: list[DraftMember]) -> DraftChat:
        """A group of direct messages; newer servers have direct chats in the same form."""
        people = sorted({member.person for member in members})
        if len(people) == 2:
            return direct(*people)
        named = [self._people.named(person) for person in people[:6]]
        self._report.changed("direct chats", "with another number of people, so groups")
        names = title(", ".join(one.name or one.username for one in named))
        return DraftChat(f"group {recipient}", "group", names, members)


def direct(one: str, other: str) -> DraftChat:
    """The direct chat of two people; a group with one for somebody's own notes."""
    low, high = sorted((one, other))
    members = [DraftMember(low), DraftMember(high)]
    if low == high:
        return DraftChat(f"notes {low}", "group", "Notes", members[:1])
    return DraftChat(f"direct {low} {high}", "direct", "", members)


def uploads(fields: Fields) -> dict[str, DraftFile]:
    """The files of `attachment.json`, by their paths."""
    found = {}
    for row in fields.each("zerver_attachment"):
        path = row.text("path_id")
        if path:
            size = int(min(max(row.number("size") or 0, 0), 2**53))
            paths = [f"uploads/{path}", path]
            name, kind = row.text("file_name"), row.text("content_type")
            found[path] = DraftFile(path, name or path.rpartition("/")[2], kind, size, paths)
    return found
