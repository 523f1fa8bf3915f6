"""Creates the demo workspace through the product's own actions, and removes it."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone, translation

from apps.accounts.actions import registration
from apps.accounts.models import User
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.direct import open_direct
from apps.chats.actions.edits import pin_message
from apps.chats.actions.groups import create_group
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.actions.reactions import add_reaction
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.actions.saved import save_message
from apps.chats.actions.scheduled import schedule
from apps.chats.demo import picture, script
from apps.chats.models import (
    Attachment,
    Chat,
    Draft,
    Indexed,
    LinksIndexed,
    Member,
    Message,
    MessageEdit,
    MessageLink,
    PreviewWait,
    Reaction,
    Saved,
    Scheduled,
    Searchable,
)
from apps.contacts.actions import contacts
from apps.contacts.actions import profile as profiles
from apps.contacts.models import Contact
from apps.core.errors import StorageUnavailable
from apps.core.identifiers import new_id
from apps.files.actions import erasure as files_erasure
from apps.files.actions import processing, uploads, uses
from apps.files.models import File
from apps.wire import epochs

DEMO = Q(email__endswith=f"@{script.MAIL}")
PICTURE_TIMEOUT_S = 60.0
# What refers to the messages of a chat by the chat's id.
OF_CHAT = (
    Attachment,
    Draft,
    Indexed,
    LinksIndexed,
    MessageEdit,
    MessageLink,
    PreviewWait,
    Reaction,
    Saved,
    Scheduled,
    Searchable,
    Message,
)
People = Mapping[str, UUID]


def exists() -> bool:
    """Whether the demo workspace exists."""
    return User.objects.filter(DEMO).exists()


def fill(password: str, *, language: str, now: datetime | None = None) -> None:
    """Create the people (all with `password`), their contacts, chats and a week of messages, in
    this language, as they are at `now`. All or nothing; raises Refused."""
    with translation.override(language):
        try:
            people = _create_people(password, language)
            # A worker sees a picture once its upload is committed.
            shown = _upload_picture(people["priya"])
            _create_chats(people, shown, now or timezone.now())
        except BaseException:
            remove()
            raise


@transaction.atomic
def remove() -> int:
    """Delete the demo people with all their chats. Returns the number of people.

    Real people who were in one of these chats, or in touch with one of these people, fetch their
    chats and contacts again: no row is left that could tell their devices what is gone.
    """
    people = list(User.objects.filter(DEMO).values_list("id", flat=True))
    chats = list(Member.objects.filter(user_id__in=people).values_list("chat_id", flat=True))
    in_chats = Member.objects.filter(chat_id__in=chats).exclude(user_id__in=people)
    in_touch = Contact.objects.filter(other_id__in=people).exclude(owner_id__in=people)
    if in_chats.exists() or in_touch.exists():
        epochs.begin(after=epochs.current())
    files = Attachment.objects.filter(chat_id__in=chats).values_list("file_id", flat=True)
    uses.remove(list(files))
    for model in OF_CHAT:
        model._default_manager.filter(chat_id__in=chats).delete()
    Chat.objects.filter(id__in=chats).delete()
    for person in people:
        files_erasure.erase(person)
    transaction.on_commit(uses.wake_deletion)
    User.objects.filter(id__in=people).delete()
    return len(people)


@transaction.atomic
def _create_people(password: str, language: str) -> People:
    people = {
        username: registration.register(
            username,
            password=password,
            name=person.name,
            email=f"{username}@{script.MAIL}",
            locale=language,
            confirmed=True,
        ).id
        for username, person in script.PEOPLE.items()
    }
    hero = people[script.HERO]
    for other in script.CONTACTS:
        contacts.invite(people[other], hero)
        contacts.accept(hero, people[other])
    for other in script.INVITED_BY_HERO:
        contacts.invite(hero, people[other])
    for other, greeting in script.INVITE_HERO.items():
        contacts.invite(people[other], hero)
        contacts.greet(people[other], hero, str(greeting))
    for username, person in script.PEOPLE.items():
        profiles.update(people[username], version=None, **_profile(person))
    return people


def _profile(person: script.Person) -> dict[str, Any]:
    return {
        "about": str(person.about),
        "status_emoji": person.status_emoji,
        "status_text": str(person.status_text),
        "dnd_until": timezone.now() + timedelta(days=7) if person.quiet else None,
    }


def _upload_picture(owner: UUID) -> UUID:
    content = picture.draw()
    file = uploads.begin(owner, client_id=new_id(), name=picture.NAME, size=len(content)).id
    uploads.add_chunk(owner, file, start=0, content=content)
    # A worker may have it already.
    processing.process_due()
    deadline = time.monotonic() + PICTURE_TIMEOUT_S
    while File.objects.get(id=file).state != File.State.READY:
        if time.monotonic() > deadline:
            raise StorageUnavailable("The picture of the demo cannot be stored.")
        time.sleep(0.2)
    return file


@transaction.atomic
def _create_chats(people: People, shown: UUID, now: datetime) -> None:
    for conversation in script.CHATS:
        _create_chat(people, conversation, shown, now)


def _create_chat(
    people: People, conversation: script.Conversation, shown: UUID, now: datetime
) -> None:
    hero = people[script.HERO]
    others = [people[other] for other in conversation.others]
    title = str(conversation.title)
    chat = create_group(hero, title, others) if title else open_direct(hero, others[0])
    seqs = _write(people, chat, conversation, shown)
    _set_times(chat, conversation, seqs, now)
    last = seqs[-1]
    Member.objects.filter(chat_id=chat).update(read_seq=0)
    read = seqs[-conversation.unread - 1]
    move_positions(hero, [Receipt(chat, read=read, delivered=last)])
    for other in others:
        move_positions(other, [Receipt(chat, read=last)])
    chosen = ChatSettings(pinned=conversation.pinned, muted=conversation.muted)
    set_chat_settings(hero, chat, chosen)
    if conversation.scheduled:
        due = (timezone.now() + timedelta(days=2)).replace(hour=7, minute=0, second=0)
        schedule(hero, chat, client_id=new_id(), text=str(conversation.scheduled), due_at=due)


def _write(people: People, chat: UUID, conversation: script.Conversation, shown: UUID) -> list[int]:
    """Send the messages with all that belongs to them. Returns their seqs."""
    seqs: list[int] = []
    named: dict[str, int] = {}
    for line in conversation.lines:
        seq = _send(people[line.who], chat, line, named, [shown] if line.picture else [])
        seqs.append(seq)
        named[line.name] = seq
        for emoji, who in line.reactions:
            add_reaction(people[who], chat, seq=seq, emoji=emoji)
        if line.pinned:
            pin_message(people[script.HERO], chat, seq=seq, pinned=True)
        if line.saved:
            save_message(people[script.HERO], chat, seq=seq, saved=True)
    return seqs


def _send(
    sender: UUID, chat: UUID, line: script.Line, named: Mapping[str, int], files: list[UUID]
) -> int:
    send = validated_send(
        sender=sender,
        chat=chat,
        client_id=new_id(),
        text=str(line.text),
        reply_to=named[line.reply_to] if line.reply_to else None,
        files=files,
    )
    [outcome] = send_batch([send])
    if not isinstance(outcome, Sent):
        raise outcome
    return outcome.seq


def _set_times(
    chat: UUID, conversation: script.Conversation, seqs: list[int], now: datetime
) -> None:
    """Backdate the messages, and the entries before them. No other code changes times of
    messages."""
    messages = Message.objects.filter(chat_id=chat)
    times = [now - timedelta(hours=line.hours) for line in conversation.lines]
    messages.filter(seq__lt=seqs[0]).update(created_at=times[0])
    for seq, said in zip(seqs, times, strict=True):
        messages.filter(seq=seq).update(created_at=said)
    for first in messages.filter(replies__gt=0):
        last = messages.filter(thread=first.seq).aggregate(at=Max("created_at"))["at"]
        messages.filter(seq=first.seq).update(last_reply_at=last)
    Chat.objects.filter(id=chat).update(active_at=times[-1])
