"""Which records of an archive can be. Each function raises Wrong."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.utils import timezone

from apps.archive.errors import Wrong
from apps.archive.reading import SHA256
from apps.archive.records import SYSTEM_KINDS, Chat, Entry, File, Membership, Person
from apps.chats.actions.edits import MAX_FORMER_TEXTS, MAX_PINS
from apps.chats.actions.mentions import MAX_MENTIONS
from apps.chats.actions.validation import MAX_TITLE_LENGTH
from apps.core.clean_text import is_blank
from apps.core.emoji import MAX_LENGTH, custom_name, is_single_emoji
from apps.core.identifiers import MADE_UP_END
from apps.core.runtime import runtime
from apps.wire import bodies
from apps.wire.limits import (
    MAX_DURATION_MS,
    MAX_FILES,
    MAX_LAYOUT_BYTES,
    MAX_TEXT_LENGTH,
    MAX_WAVEFORM_LENGTH,
)

# Clocks differ.
FUTURE = timedelta(minutes=5)
MAX_NAME, MAX_ABOUT, MAX_USERNAME, MAX_EMAIL = 80, 200, 200, 254
MAX_SUBJECT, MAX_FILE_NAME = 255, 255
MAX_REASON, MAX_TYPE, MAX_ZONE, MAX_LOCALE, MAX_VARIANTS = 10_000, 255, 64, 12, 8
# Of a picture, in pixels, and of what is shown before it is there.
MAX_SIDE, MAX_PLACEHOLDER = 1_000_000, 200
# Of all people who ever were in a group.
MAX_MEMBERSHIPS = 10_000
MAX_REACTIONS = 5_000
MAX_BYTES = 2**50
MAX_SEQ = 2**53 - 1
MAX_DAYS = 3650
EARLIEST = datetime(1970, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


class Checker:
    """Checks records in the order of an archive: each refers to earlier ones only."""

    def __init__(self) -> None:
        self.people: set[UUID] = set()
        self.files: set[UUID] = set()
        self._latest = timezone.now() + FUTURE

    def person(self, person: Person) -> None:
        """A person. Their picture may be any file: files come later."""
        _id(person.id)
        _line("username", person.username, MAX_USERNAME)
        _line("name", person.name, MAX_NAME)
        _line("about", person.about, MAX_ABOUT)
        _line("email", person.email, MAX_EMAIL)
        _line("time_zone", person.time_zone, MAX_ZONE)
        _line("locale", person.locale, MAX_LOCALE)
        for subject in person.subjects:
            for part in subject:
                _line("subjects", part, MAX_SUBJECT)
        self.people.add(person.id)

    def file(self, file: File) -> None:
        """A file of a known person."""
        _id(file.id)
        self.known(file.owner)
        self.times("at", file.at)
        _line("name", file.name, MAX_FILE_NAME)
        _line("type", file.type, MAX_TYPE)
        _text("missing", file.missing, MAX_REASON)
        sizes = [file.size, *(each.size for each in file.variants)]
        if not all(0 <= size <= MAX_BYTES for size in sizes):
            raise Wrong("size is none")
        sides = [file.width, file.height]
        sides += [side for each in file.variants for side in (each.width, each.height)]
        if not all(0 <= side <= MAX_SIDE for side in sides):
            raise Wrong("width and height are none")
        _line("placeholder", file.placeholder, MAX_PLACEHOLDER)
        if len(file.waveform) > MAX_WAVEFORM_LENGTH or len(file.variants) > MAX_VARIANTS:
            raise Wrong("has too much of something")
        if file.duration_ms is not None and not 0 <= file.duration_ms <= MAX_DURATION_MS:
            raise Wrong("duration_ms is none")
        hashes = [each.sha256 for each in file.variants] or [file.sha256]
        if not file.missing and not all(SHA256.fullmatch(each) for each in hashes):
            raise Wrong("sha256 is none")
        self.files.add(file.id)

    def chat(self, chat: Chat) -> None:
        """A chat of known people."""
        _id(chat.id)
        self.times("created_at", chat.created_at)
        _line("title", chat.title, MAX_TITLE_LENGTH)
        _text("closed_reason", chat.closed_reason, MAX_REASON)
        if not 1 <= chat.kept_from <= MAX_SEQ:
            raise Wrong("kept_from is no seq")
        if not all(0 <= days <= MAX_DAYS for days in (chat.kept_days, chat.keep_days)):
            raise Wrong(f"kept_days and keep_days are up to {MAX_DAYS}")
        if chat.picture is not None and chat.picture not in self.files:
            raise Wrong("picture is no file of the archive")
        members = [each.person for each in chat.members]
        if len(members) > MAX_MEMBERSHIPS:
            raise Wrong("has too many memberships")
        if members != sorted(set(members)):
            raise Wrong("members are not in the order of their ids, each once")
        present = sum(not each.left for each in chat.members)
        if chat.kind == "direct" and (len(members), present) != (2, 2):
            raise Wrong("a direct chat has two members")
        if present > runtime.GROUP_SIZE:
            raise Wrong(f"{present} members; a group has at most {runtime.GROUP_SIZE}")
        for each in chat.members:
            self._member(each)

    def _member(self, member: Membership) -> None:
        self.known(member.person)
        if member.joined_at is not None:
            self.times("joined_at", member.joined_at)
        if min(member.read, member.delivered) < 0:
            raise Wrong("read and delivered are seqs")

    def known(self, *people: UUID | None) -> None:
        """Raises Wrong unless the archive has these people; None is nobody."""
        for person in people:
            if person is not None and person not in self.people:
                raise Wrong(f"{person} is no person of the archive")

    def times(self, name: str, *moments: datetime | None) -> None:
        """Raises Wrong unless these moments are over; None is none."""
        for moment in moments:
            if moment is not None and not EARLIEST <= moment <= self._latest:
                raise Wrong(f"{name} is not in the past")


class EntryChecker:
    """Checks the entries of one chat, in their order."""

    def __init__(self, checker: Checker, kept_from: int) -> None:
        self._checker = checker
        self._kept_from = kept_from
        self._seq = kept_from - 1
        self._at = EARLIEST
        self._pins = 0
        # Whether an entry is in the thread of an earlier one, a bit each, from `kept_from` on.
        self._replies = bytearray()

    @property
    def count(self) -> int:
        """How many entries were right."""
        return self._seq + 1 - self._kept_from

    @property
    def last_seq(self) -> int:
        """The seq of the last entry, also of one that was deleted for good."""
        return self._seq

    def entry(self, entry: Entry) -> None:
        """The next entry."""
        check = self._checker
        if entry.seq != self._seq + 1:
            raise Wrong(f"seq is {entry.seq} after {self._seq}")
        if entry.at < self._at:
            raise Wrong("at is before that of the entry before")
        check.times("a time", entry.at, entry.edited_at, entry.deleted_at, entry.hidden_at)
        check.times("a time", entry.pinned_at, *(edit.until for edit in entry.edits))
        check.times("a time", *(each.at for each in entry.reactions))
        check.known(entry.by, entry.about, *entry.mentions)
        check.known(*(each.person for each in entry.reactions))
        self._thread(entry)
        _parts(entry)
        if not check.files.issuperset(entry.files):
            raise Wrong("a file is none of the archive")
        self._pins += entry.pinned_at is not None
        if self._pins > MAX_PINS:
            raise Wrong(f"a chat has at most {MAX_PINS} pinned messages")
        self._seq, self._at = entry.seq, entry.at
        self._note(entry.thread is not None and entry.thread >= self._kept_from)

    def _thread(self, entry: Entry) -> None:
        reply, thread = entry.reply_to, entry.thread
        if reply is None or thread is None:
            is_to_deleted = reply is not None and 1 <= reply < self._kept_from
            if thread is not None or not (reply is None or is_to_deleted):
                raise Wrong("a reply has reply_to and thread")
            return
        if not 1 <= thread <= reply < entry.seq:
            raise Wrong("a reply is after what it replies to")
        if thread >= self._kept_from and self._is_reply(thread - self._kept_from):
            raise Wrong("a thread begins with a message that is no reply")

    def _is_reply(self, place: int) -> bool:
        return bool(self._replies[place >> 3] >> (place & 7) & 1)

    def _note(self, is_reply: bool) -> None:
        place = self._seq - self._kept_from
        if place >> 3 >= len(self._replies):
            self._replies.extend(bytes(max(1, len(self._replies))))
        self._replies[place >> 3] |= is_reply << (place & 7)


def _parts(entry: Entry) -> None:
    limits = (
        ("files", entry.files, MAX_FILES),
        ("edits", entry.edits, MAX_FORMER_TEXTS),
        ("mentions", entry.mentions, MAX_MENTIONS),
        ("reactions", entry.reactions, MAX_REACTIONS),
        ("previews", entry.previews, MAX_FILES),
    )
    for name, values, limit in limits:
        if len(values) > limit:
            raise Wrong(f"{name}: more than {limit}")
    _texts(entry)
    _layout(entry)
    given = {(each.person, each.emoji) for each in entry.reactions}
    if len(given) != len(entry.reactions) or not _are_emoji(each.emoji for each in entry.reactions):
        raise Wrong("reactions are single emoji, each once by a person")
    if len({*entry.files}) != len(entry.files):
        raise Wrong("a file is there twice")
    has_content = bool(entry.text or entry.files or entry.edits or entry.reactions)
    has_content = has_content or entry.layout is not None
    if entry.deleted_at is not None and (has_content or entry.mentions or entry.pinned_at):
        raise Wrong("a deleted message has no content")
    is_gone = entry.deleted_at is not None or entry.hidden_at is not None
    if entry.kind == "text" and not is_gone and not entry.files and is_blank(entry.text):
        raise Wrong("a message has a text or files")


def _texts(entry: Entry) -> None:
    if entry.kind != "text" and entry.kind not in SYSTEM_KINDS:
        raise Wrong(f"kind {entry.kind[:40]!r} is unknown")
    _text("text", entry.text, MAX_TEXT_LENGTH)
    for edit in entry.edits:
        _text("a former text", edit.text, MAX_TEXT_LENGTH)
    for preview in entry.previews:
        if not preview.url.startswith(("https://", "http://")):
            raise Wrong("a preview is of no web page")
        for text in (preview.url, preview.title, preview.description, preview.site):
            _text("a preview", text, MAX_TEXT_LENGTH)


def _layout(entry: Entry) -> None:
    if entry.layout is None:
        return
    if len(msgspec.json.encode(entry.layout)) > MAX_LAYOUT_BYTES:
        raise Wrong(f"a layout is larger than {MAX_LAYOUT_BYTES} bytes")
    try:
        msgspec.convert(entry.layout, bodies.Layout)
    except msgspec.ValidationError as error:
        raise Wrong(f"a layout is wrong: {error}") from error


def _are_emoji(texts: Iterable[str]) -> bool:
    # Custom emoji are not part of an archive: what this installation has by that name is shown.
    return all(
        len(text) <= MAX_LENGTH and (is_single_emoji(text) or custom_name(text)) for text in texts
    )


def _id(value: UUID) -> None:
    if value < MADE_UP_END:
        raise Wrong("this id belongs to load checks")


def _line(name: str, text: str, limit: int) -> None:
    _text(name, text, limit)
    if any(letter in text for letter in "\r\n"):
        raise Wrong(f"{name} has several lines")


def _text(name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Wrong(f"{name} is longer than {limit} characters")
    if "\x00" in text:
        raise Wrong(f"{name} has a NUL")
