"""Reads all of a Mattermost export, in two passes: people and channels, then messages, so that the
order of the lines does not matter."""

from collections.abc import Iterator

from apps.archive.errors import ExportError
from apps.archive.vendors.drafts import DraftChat, DraftMember
from apps.archive.vendors.identifiers import Identifiers
from apps.archive.vendors.mattermost.posts import Posts
from apps.archive.vendors.mattermost.users import Users
from apps.archive.vendors.messages import Messages
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.source import Export
from apps.archive.vendors.store import Store
from apps.archive.vendors.texts import title
from apps.chats.foreign.documents import BadJson, Fields, load

VERSION = 1
NOT_IMPORTED = {"scheme": "permission schemes", "emoji": "custom emoji", "role": "roles"}
Line = tuple[str, Fields]


def workspace(export: Export) -> str:
    """The export does not name its server."""
    return ""


def read(export: Export, ids: Identifiers, store: Store, report: Report) -> People:
    """Read an export into the store. Raises ExportError when it is none of Mattermost."""
    name = _lines_file(export)
    people = People(ids, report)
    reader = _Reader(store, people, report)
    for kind, fields in _lines(export, name, report):
        reader.first_pass(kind, fields)
    reader.add_channels()
    for kind, fields in _lines(export, name, Report()):
        reader.second_pass(kind, fields)
    return people


class _Reader:
    def __init__(self, store: Store, people: People, report: Report) -> None:
        self._store = store
        self._people = people
        self._report = report
        self._users = Users(people, report)
        self._channels: dict[str, DraftChat] = {}
        self._direct: set[str] = set()
        self._posts = Posts(people, Messages(store, people, report), report)

    def first_pass(self, kind: str, fields: Fields) -> None:
        """People and channels."""
        match kind:
            case "user" | "bot":
                self._users.add(fields, is_bot=kind == "bot")
            case "channel":
                key = channel_key(fields.key("team"), fields.key("name"))
                named = title(fields.text("display_name") or fields.text("name"))
                self._channels[key] = DraftChat(key, "group", named, [])
                if fields.text("header") or fields.text("purpose"):
                    self._report.lost("headers and purposes of channels", "groups have a title")
            case "team":
                self._report.changed("teams", "its channels are groups, without a team")
            case _ if kind in NOT_IMPORTED:
                why = "Parley has nothing of the kind"
                self._report.lost(NOT_IMPORTED[kind], why, fields.text("name"))

    def add_channels(self) -> None:
        """Add the channels with their members, whom the lines of users name."""
        for key, members in self._users.memberships.items():
            if key in self._channels:
                self._channels[key].members = members
            else:
                why = "of a channel that the export does not have"
                self._report.lost("memberships", why, key.rpartition("\0")[2])
        for channel in self._channels.values():
            self._store.add_chat(channel)

    def second_pass(self, kind: str, fields: Fields) -> None:
        """Messages, and direct chats."""
        match kind:
            case "post":
                key = channel_key(fields.key("team"), fields.key("channel"))
                if key in self._channels:
                    self._posts.add(key, fields, is_direct=False)
                else:
                    why = "of a channel that the export does not have"
                    self._report.lost("messages", why, fields.text("message"))
            case "direct_channel":
                members = fields.keys("members") or [
                    one.key("username") for one in fields.each("participants")
                ]
                self._direct_chat([member for member in members if member])
            case "direct_post":
                if members := fields.keys("channel_members"):
                    key = self._direct_chat(members)
                    self._posts.add(key, fields, is_direct=len(set(members)) == 2)
                else:
                    self._report.lost("messages", "without members", fields.text("message"))

    def _direct_chat(self, members: list[str]) -> str:
        """The key of the direct chat of these people, which is added if it is new."""
        people = sorted({self._people.named(member).key for member in members})
        key = "direct\0" + "\0".join(people)
        if people and key not in self._direct:
            self._direct.add(key)
            names = [self._people.named(one) for one in people[:6]]
            chat = DraftChat(key, "direct", "", [DraftMember(person) for person in people])
            if len(people) != 2:
                chat.kind = "group"
                chat.title = title(", ".join(one.name or one.username for one in names))
                self._report.changed("direct chats", "with another number of people, so groups")
            self._store.add_chat(chat)
        return key


def channel_key(team: str, name: str) -> str:
    """Names of channels are unique in a team."""
    return f"channel\0{team}\0{name}"


def _lines_file(export: Export) -> str:
    found = [name for name in export.sizes if name.endswith(".jsonl")]
    if not found:
        raise ExportError("The export has no .jsonl file: it is none of Mattermost.")
    return min(found, key=lambda name: (name.count("/"), name))


def _lines(export: Export, name: str, report: Report) -> Iterator[Line]:
    """The lines that can be read. Raises ExportError for another format or version."""
    is_first = True
    for number, line in enumerate(export.lines(name), 1):
        if not line.strip():
            continue
        try:
            fields = Fields(load(line))
        except BadJson as error:
            report.lost("lines", f"not valid JSON: {error}", f"{name}, line {number}")
            continue
        kind = fields.text("type")
        if is_first and (kind != "version" or fields.number("version") != VERSION):
            raise ExportError(f"{name} does not begin with version {VERSION} of the bulk format.")
        is_first = False
        if kind != "version":
            yield kind, fields.fields(kind)
    if is_first:
        raise ExportError(f"{name} is empty.")
