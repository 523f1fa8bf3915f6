"""Adds messages to the store in the form and within the limits that messages have in Parley."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from apps.archive.vendors import texts
from apps.archive.vendors.drafts import DraftMessage, DraftReaction
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.store import Store
from apps.chats.actions.edits import MAX_FORMER_TEXTS, MAX_PINS
from apps.chats.actions.mentions import MAX_MENTIONS
from apps.chats.actions.reactions import MAX_EMOJI, MAX_EMOJI_PER_PERSON
from apps.chats.foreign import emoji
from apps.core.clean_text import is_blank
from apps.wire.limits import MAX_FILES


class Messages:
    """Adds messages and counts them."""

    def __init__(self, store: Store, people: People, report: Report) -> None:
        self._store = store
        self._people = people
        self._report = report
        self._pins: Counter[str] = Counter()

    def add(self, chat: str, message: DraftMessage) -> None:
        """Add a message: one that is too long as several, one without content as deleted."""
        if message.kind != "text":
            if self._store.add_message(chat, message):
                self._report.kept("joins, leaves and new titles")
            return
        message.reactions = [*self._within_limits(message.reactions)]
        self._limit_pins(chat, message)
        message.mentions = message.mentions[:MAX_MENTIONS]
        message.edits = message.edits[-MAX_FORMER_TEXTS:]
        first, *others = self._divided(message)
        if is_blank(first.text) and not first.files and not first.deleted_at:
            self._report.changed("messages", "without content, so shown as deleted", first.key)
            first.deleted_at = first.at
            first.reactions, first.mentions, first.pinned_at = [], [], 0
        if not self._store.add_message(chat, first):
            self._report.lost("messages", "the export has them twice", first.text)
            return
        for other in others:
            self._store.add_message(chat, other)
        self._count(message)

    def _within_limits(self, reactions: Iterable[DraftReaction]) -> Iterator[DraftReaction]:
        seen: set[tuple[str, str]] = set()
        kinds: set[str] = set()
        of_people: Counter[str] = Counter()
        for reaction in reactions:
            if (reaction.emoji, reaction.person) in seen:
                continue
            seen.add((reaction.emoji, reaction.person))
            is_full = reaction.emoji not in kinds and len(kinds) >= MAX_EMOJI
            if is_full or of_people[reaction.person] >= MAX_EMOJI_PER_PERSON:
                self._report.lost("reactions", "more than a message can have", reaction.emoji)
                continue
            kinds.add(reaction.emoji)
            of_people[reaction.person] += 1
            self._people.named(reaction.person)
            yield reaction

    def _limit_pins(self, chat: str, message: DraftMessage) -> None:
        if not message.pinned_at:
            return
        self._pins[chat] += 1
        if self._pins[chat] > MAX_PINS:
            self._report.lost("pins", f"a chat has at most {MAX_PINS}", message.text)
            message.pinned_at = 0

    def _divided(self, message: DraftMessage) -> Iterator[DraftMessage]:
        """The messages that a message becomes: it has too long a text, or too many files."""
        parts = texts.split(message.text)
        unique = [*{file.key: file for file in message.files}.values()]
        files = [unique[at : at + MAX_FILES] for at in range(0, len(unique), MAX_FILES)]
        count = max(len(parts), len(files), 1)
        if count > 1:
            how = "longer, or with more files, than a message can be, so several messages"
            self._report.changed("messages", how, message.text)
        for number in range(count):
            part = msgspec.structs.replace(
                message,
                text=parts[number] if number < len(parts) else "",
                files=files[number] if number < len(files) else [],
            )
            if number:
                # Sorted behind the first part.
                key = f"{message.key}\x01{number:06}"
                part = msgspec.structs.replace(part, key=key, reactions=[], edits=[], pinned_at=0)
            yield part

    def _count(self, message: DraftMessage) -> None:
        kept = self._report.kept
        kept("messages")
        if message.thread and message.thread != message.key:
            kept("replies in threads")
        if message.reactions:
            kept("reactions", len(message.reactions))
        if message.mentions:
            kept("mentions", len(message.mentions))
        if message.pinned_at:
            kept("pins")


def found_reactions(
    name: str,
    people: Iterable[str],
    at: int,
    *,
    report: Report,
    code: str = "",
    is_custom: bool = False,
) -> list[DraftReaction]:
    """The reactions with the emoji of a name, or of code points. Custom emoji are lost, unless this
    installation has one of that name. `is_custom`: the export says that it is one."""
    found = "" if is_custom else (code and emoji.of_code(code)) or emoji.find(name)
    if custom := not found and report.custom_emoji.get(name.strip(":").lower()):
        found = f":{custom}:"
    people = [*people]
    if not found and people:
        why = "neither an emoji of Unicode nor a custom emoji that is here"
        report.lost("reactions", why, f":{name}:", len(people))
    return [DraftReaction(found, person, at) for person in people] if found else []
