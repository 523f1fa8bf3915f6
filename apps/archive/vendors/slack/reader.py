"""Reads all of a Slack export."""

import re
from collections import Counter
from pathlib import PurePosixPath

from apps.archive.errors import ExportError
from apps.archive.vendors.drafts import DraftChat, DraftMember, DraftMessage
from apps.archive.vendors.identifiers import Identifiers
from apps.archive.vendors.messages import Messages
from apps.archive.vendors.moments import SECOND, of_number
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.slack.entries import Conversation, Entries
from apps.archive.vendors.slack.markup import Markup
from apps.archive.vendors.slack.users import add_users
from apps.archive.vendors.source import Export
from apps.archive.vendors.store import Store
from apps.archive.vendors.texts import title
from apps.chats.foreign.documents import BadJson, Fields, items

USERS = ("users.json", "org_users.json")
CONVERSATIONS = ("channels.json", "groups.json", "mpims.json", "dms.json")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
NOT_IMPORTED = {
    "integration_logs.json": "log of apps",
    "canvases.json": "canvases",
    "content_flags.json": "content flags",
    "lists.json": "lists",
}


def workspace(export: Export) -> str:
    """The id of the workspace, which most of its people have."""
    teams = Counter(Fields(user).key("team_id") for user in _read(export, _users_file(export)))
    found = sorted(teams.items(), key=lambda pair: (-pair[1], pair[0]))
    return found[0][0] if found else ""


def read(export: Export, ids: Identifiers, store: Store, report: Report) -> People:
    """Read an export into the store. Raises ExportError when it is none of Slack."""
    people = People(ids, report)
    users = _users_file(export)
    add_users(people, _read(export, users), report)
    root = users.rpartition("/")[0]
    root += "/" if root else ""
    found: list[Conversation] = []
    for name in CONVERSATIONS:
        if root + name in export.sizes:
            found += _conversations(export, root, name)
    if not found:
        raise ExportError("The export has no channels.json: it is none of Slack.")
    channels = {each.key: each.title for each in found}
    entries = Entries(people, Markup(people, channels, report), report)
    reader = _Reader(export, store, people, entries, report)
    for conversation in found:
        reader.read(conversation)
    reader.report_rest()
    for name, what in NOT_IMPORTED.items():
        if root + name in export.sizes:
            report.lost(what, "Parley has nothing of the kind", name)
    return people


class _Reader:
    def __init__(
        self, export: Export, store: Store, people: People, entries: Entries, report: Report
    ) -> None:
        self._export = export
        self._store = store
        self._people = people
        self._entries = entries
        self._report = report
        self._messages = Messages(store, people, report)
        self._days: dict[str, list[str]] = {}
        for name in export.sizes:
            folder, _, file = name.rpartition("/")
            if folder and file.endswith(".json"):
                self._days.setdefault(folder, []).append(name)

    def read(self, conversation: Conversation) -> None:
        """Read a conversation: who is in it, and its days."""
        self._store.add_chat(self._chat(conversation))
        if conversation.creator and conversation.created_at and not conversation.is_direct:
            by = self._people.named(conversation.creator).key
            entry = DraftMessage("created", by, conversation.created_at, kind="created")
            self._messages.add(conversation.key, entry)
        for name in sorted(self._days.pop(conversation.folder, [])):
            try:
                for item in items(self._export.document(name)):
                    if message := self._entries.entry(conversation, Fields(item), name):
                        self._messages.add(conversation.key, message)
            except BadJson as error:
                self._report.lost("days of messages", f"not valid JSON: {error}", name)

    def report_rest(self) -> None:
        """Report the days of folders that belong to no conversation."""
        for folder, names in sorted(self._days.items()):
            if days := sum(bool(DAY.fullmatch(PurePosixPath(name).name)) for name in names):
                self._report.lost("days of messages", "of no described channel", folder, days)

    def _chat(self, conversation: Conversation) -> DraftChat:
        people = [self._people.named(key) for key in conversation.members]
        members = [DraftMember(person.key) for person in people]
        for member in members:
            if member.person == conversation.creator:
                member.role = "owner"
        is_direct = conversation.is_direct and len(members) == 2
        if conversation.is_direct and not is_direct:
            self._report.changed("direct chats", "with another number of people, so groups")
        named = conversation.title or ", ".join(one.name or one.username for one in people[:6])
        return DraftChat(
            conversation.key,
            "direct" if is_direct else "group",
            title(named),
            members,
            conversation.created_at,
        )


def _users_file(export: Export) -> str:
    """The path of the file of users, at whatever depth the export was packed."""
    found = [name for name in export.sizes if PurePosixPath(name).name in USERS]
    if not found:
        raise ExportError("The export has no users.json: it is none of Slack.")
    return min(found, key=lambda name: (name.count("/"), name))


def _read(export: Export, name: str) -> list[object]:
    try:
        return [*items(export.document(name))]
    except BadJson as error:
        raise ExportError(f"{name} is not valid JSON: {error}.") from error


def _conversations(export: Export, root: str, name: str) -> list[Conversation]:
    found = []
    for item in _read(export, root + name):
        fields = Fields(item)
        key = fields.key("id")
        if not key:
            continue
        is_direct, is_group = name == "dms.json", name == "mpims.json"
        found.append(
            Conversation(
                key,
                folder=root + (key if is_direct else fields.text("name") or key),
                title="" if is_direct or is_group else fields.text("name") or key,
                creator=fields.key("creator"),
                created_at=of_number(fields.number("created"), SECOND) or 0,
                members=fields.keys("members"),
                is_direct=is_direct,
                pins={
                    pin.key("id"): of_number(pin.number("created"), SECOND) or 0
                    for pin in fields.each("pins")
                },
            )
        )
    return found
