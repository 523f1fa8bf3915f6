"""Records of an archive as the actions that write them take them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from apps.accounts.actions.placeholders import PastPerson
from apps.archive.records import Chat, Entry, File, Membership, Person
from apps.chats.actions.imported import PastChat, PastMember
from apps.chats.actions.imported_entries import PastEntry
from apps.files.actions.imported import PastFile, PastVariant
from apps.wire import bodies

# The accounts of people, by the ids that the archive has for them; others have the same id.
Who = Mapping[UUID, UUID]
# The ids of files here, by those that the archive has for them.
Files = Mapping[UUID, UUID]


def past_person(person: Person) -> PastPerson:
    """A person, as a placeholder."""
    return PastPerson(
        id=person.id,
        username=person.username,
        name=person.name,
        email=person.email.lower(),
        subjects=person.subjects,
        about=person.about,
        time_zone=person.time_zone,
        locale=person.locale,
        former=person.former,
        erased=person.erased,
        bot=person.bot,
    )


def past_file(file: File, who: Who) -> PastFile:
    """A file of the account of its owner."""
    variants = [
        PastVariant(
            bodies.FileVariant(
                name=each.name,
                type=each.type,
                size=each.size,
                width=each.width,
                height=each.height,
            ),
            each.sha256,
        )
        for each in file.variants
    ]
    return PastFile(
        id=file.id,
        owner=who.get(file.owner, file.owner),
        name=file.name,
        type=file.type,
        size=file.size,
        at=file.at,
        sha256=file.sha256,
        as_file=file.as_file,
        duration_ms=file.duration_ms,
        waveform=file.waveform,
        width=file.width,
        height=file.height,
        animated=file.animated,
        placeholder=file.placeholder,
        variants=variants,
        missing=file.missing,
    )


def past_member(member: Membership, who: Who) -> PastMember:
    """A membership of an account."""
    return PastMember(
        person=who.get(member.person, member.person),
        role=member.role,
        joined_at=member.joined_at,
        read=member.read,
        delivered=member.delivered,
        left=member.left,
        removed=member.removed,
    )


def past_chat(chat: Chat, members: Sequence[PastMember], files: Files) -> PastChat:
    """A chat of these members."""
    return PastChat(
        id=chat.id,
        created_at=chat.created_at,
        title=chat.title,
        picture=None if chat.picture is None else files[chat.picture],
        closed_reason=chat.closed_reason,
        kept_from=chat.kept_from,
        kept_days=chat.kept_days,
        keep_days=chat.keep_days,
        pair=(members[0].person, members[1].person) if chat.kind == "direct" else None,
    )


def past_entry(entry: Entry, who: Who, files: Files) -> PastEntry:
    """An entry by accounts. Without a client id, it gets its own id as one."""
    return PastEntry(
        seq=entry.seq,
        id=entry.id,
        by=who.get(entry.by, entry.by),
        at=entry.at,
        client_id=entry.client_id or entry.id,
        kind=entry.kind,
        text=entry.text,
        about=None if entry.about is None else who.get(entry.about, entry.about),
        reply_to=entry.reply_to,
        thread=entry.thread,
        mentions=[who.get(person, person) for person in entry.mentions],
        mentions_all=entry.mentions_all,
        files=[files[file] for file in entry.files],
        previews=[
            bodies.Preview(
                url=each.url, title=each.title, description=each.description, site=each.site
            )
            for each in entry.previews
        ],
        layout=None if entry.layout is None else _layout(entry.layout, who),
        edits=[(edit.text, edit.until) for edit in entry.edits],
        reactions=[
            (each.emoji, who.get(each.person, each.person), each.at) for each in entry.reactions
        ],
        edited_at=entry.edited_at,
        deleted_at=entry.deleted_at,
        by_moderator=entry.by_moderator,
        hidden_at=entry.hidden_at,
        pinned_at=entry.pinned_at,
    )


def _layout(stored: Mapping[str, object], who: Who) -> bodies.Layout:
    """How a message is drawn. Its cards may name who ran a command."""
    layout = msgspec.convert(stored, bodies.Layout)
    cards = [
        replace(card, parts=[_part(part, who) for part in card.parts]) for card in layout.cards
    ]
    return replace(layout, cards=cards)


def _part(part: bodies.AnyCardPart, who: Who) -> bodies.AnyCardPart:
    if isinstance(part, bodies.CardRun):
        return replace(part, person=who.get(part.person, part.person))
    return part
