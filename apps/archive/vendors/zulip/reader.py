"""Reads all of a Zulip export."""

import re

from apps.archive.errors import ExportError
from apps.archive.vendors.drafts import DraftEdit, DraftMessage
from apps.archive.vendors.identifiers import Identifiers
from apps.archive.vendors.messages import Messages
from apps.archive.vendors.moments import SECOND, of_number
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.source import Export
from apps.archive.vendors.store import Store
from apps.archive.vendors.zulip.markup import Markup
from apps.archive.vendors.zulip.realm import Realm, direct, uploads
from apps.chats.foreign.documents import BadJson, Fields, load
from apps.chats.foreign.texts import line

MESSAGES = re.compile(r"messages-[0-9]+\.json")
REALM = "realm.json"
MAX_TOPIC_LENGTH = 200


def workspace(export: Export) -> str:
    """The id of the organization."""
    realms = _file(export, _root(export) + REALM).each("zerver_realm")
    return (realms[0].text("uuid") or realms[0].text("string_id")) if realms else ""


def read(export: Export, ids: Identifiers, store: Store, report: Report) -> People:
    """Read an export into the store. Raises ExportError when it is none of Zulip."""
    root = _root(export)
    people = People(ids, report)
    realm = Realm(_file(export, root + REALM), people, report)
    files = {}
    if root + "attachment.json" in export.sizes:
        files = uploads(_file(export, root + "attachment.json"))
        for path, file in files.items():
            file.paths = [f"{root}uploads/{path}", *file.paths]
    for chat in realm.chats.values():
        store.add_chat(chat)
    markup = Markup(people, realm.by_name, files, report)
    reader = _Reader(store, people, realm, markup, report)
    names = sorted(
        name
        for name in export.sizes
        if name.startswith(root) and MESSAGES.fullmatch(name.removeprefix(root))
    )
    for name in names:
        try:
            fields = Fields(load(export.document(name)))
        except BadJson as error:
            report.lost("files of messages", f"not valid JSON: {error}", name)
            continue
        realm.add_reactions(fields)
        for row in fields.each("zerver_message"):
            reader.add(row, name)
    return people


class _Reader:
    def __init__(
        self, store: Store, people: People, realm: Realm, markup: Markup, report: Report
    ) -> None:
        self._store = store
        self._people = people
        self._realm = realm
        self._markup = markup
        self._report = report
        self._messages = Messages(store, people, report)
        self._direct: set[str] = set()
        # The first message of each topic.
        self._topics: dict[tuple[str, str], str] = {}

    def add(self, row: Fields, place: str) -> None:
        """Add a message."""
        key, at = row.key("id"), of_number(row.number("date_sent"), SECOND)
        if at is None or not key:
            self._report.lost("messages", "without an id or a valid time", f"{place}: {key}")
            return
        by = self._people.named(row.key("sender") or "unknown").key
        chat, is_direct = self._chat(row.key("recipient"), by)
        if not chat:
            self._report.lost("messages", "of a channel that the export does not have", key)
            return
        converted = self._markup.convert(row.text("content"))
        message = DraftMessage(
            key,
            by,
            at,
            text=converted.text,
            mentions=converted.mentions,
            mentions_all=converted.mentions_all and not is_direct,
            files=converted.files,
            reactions=self._realm.reactions(key),
            edits=self._edits(row, at),
        )
        for reaction in message.reactions:
            reaction.at = at
        edited = of_number(row.number("last_edit_time"), SECOND) if message.edits else None
        message.edited_at = max(edited or message.edits[-1].until, at) if message.edits else 0
        if not is_direct:
            self._thread(chat, message, line(row.text("subject"), MAX_TOPIC_LENGTH))
        self._messages.add(chat, message)

    def _thread(self, chat: str, message: DraftMessage, topic: str) -> None:
        """Put a message into the thread of its topic."""
        if not topic:
            return
        first = self._topics.setdefault((chat, topic), message.key)
        if first == message.key:
            message.text = f"**{topic}**\n{message.text}"
            self._report.changed("topics", "as threads, whose first message names the topic", topic)
        else:
            message.thread = first

    def _chat(self, recipient: str, sender: str) -> tuple[str, bool]:
        """The key of a chat, and whether it is a direct one."""
        other = self._realm.personal.get(recipient)
        if other is None:
            chat = self._realm.chats.get(recipient)
            return (chat.key, chat.kind == "direct") if chat else ("", False)
        found = direct(sender, self._people.named(other).key)
        if found.key not in self._direct:
            self._direct.add(found.key)
            if not self._store.has_chat(found.key):
                self._store.add_chat(found)
        return found.key, found.kind == "direct"

    def _edits(self, row: Fields, at: int) -> list[DraftEdit]:
        """Former texts, the oldest first; the export has the newest first."""
        history = row.get("edit_history")
        try:
            entries = load(history.encode()) if isinstance(history, str) and history else []
        except (BadJson, UnicodeEncodeError):
            entries = []
        found = []
        for entry in map(Fields, entries if isinstance(entries, list) else []):
            until = of_number(entry.number("timestamp"), SECOND)
            if entry.text("prev_content") and until:
                former = self._markup.convert(entry.text("prev_content")).text
                found.append(DraftEdit(former, max(until, at)))
        if found:
            self._report.kept("former texts", len(found))
        return found[::-1]


def _root(export: Export) -> str:
    """The folder of `realm.json`, as a prefix."""
    found = [name for name in export.sizes if name.rpartition("/")[2] == REALM]
    if not found:
        raise ExportError("The export has no realm.json: it is none of Zulip.")
    folder = min(found, key=lambda name: (name.count("/"), name)).rpartition("/")[0]
    return f"{folder}/" if folder else ""


def _file(export: Export, name: str) -> Fields:
    try:
        return Fields(load(export.document(name)))
    except BadJson as error:
        raise ExportError(f"{name} is not valid JSON: {error}.") from error
