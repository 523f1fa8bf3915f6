"""Finds the files that an import has to store.

What people, operators or retention deleted since a former import stays deleted: a chat that is
open here needs no file of the archive any more.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from apps.accounts.models import Placeholder, User
from apps.archive.actions.checking import Checked, entries_name
from apps.archive.reading import CHATS, PEOPLE, Source
from apps.archive.records import Chat, Entry, Person
from apps.archive.rows import Who
from apps.chats.models import Member

if TYPE_CHECKING:
    from django.db.models import QuerySet


def lacking_files(source: Source, checked: Checked, who: Who) -> Collection[UUID] | None:
    """The files of chats that are not open here, and of people who have no picture yet. None: all,
    because no chat of the archive is open here."""
    if not any(is_open(chat) for _, chat in source.records(CHATS, Chat)):
        return None
    return {*_of_chats(source, checked), *_of_people(source, who)}


def is_open(chat: Chat) -> bool:
    """Whether the chat is here, with its members."""
    return Member.objects.filter(chat_id=chat.id).exists()


def without_picture() -> "QuerySet[User]":
    """Whom an import gives a picture: placeholders, not accounts that were erased or suspended
    since."""
    return User.objects.filter(picture=None, id__in=Placeholder.objects.values("user_id"))


def _of_chats(source: Source, checked: Checked) -> Iterator[UUID]:
    for _, chat in source.records(CHATS, Chat):
        if chat.id in checked.refused or is_open(chat):
            continue
        if chat.picture is not None:
            yield chat.picture
        for _, entry in source.records(entries_name(chat.id), Entry):
            yield from entry.files


def _of_people(source: Source, who: Who) -> Iterator[UUID]:
    for _, person in source.records(PEOPLE, Person):
        # In a dry run a new person has no row yet.
        others = User.objects.filter(id=person.id).exclude(id__in=without_picture().values("id"))
        if person.picture is not None and person.id not in who and not others.exists():
            yield person.picture
