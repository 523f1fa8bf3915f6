"""The functions that list what each app stores about a person, for an export of their data.

    class ChatsConfig(AppConfig):
        def ready(self) -> None:
            register_export("chats", data_export.sections)

`accounts.actions.export.write_export` calls them. A section is a file of the export: its name, and
its rows in the form of `QuerySet.values()`. Rows are read while they are written, so a section may
be of any length. Other people's words and secrets (keys, hashes, tokens) are no part of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import IO, Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core.errors import NotFound

Rows = Iterable[Mapping[str, Any]]
# A file: its path in the archive, its size in bytes, and a function that opens its content (or
# raises OSError or Refused).
Content = tuple[str, int, Callable[[], IO[bytes]]]
Contents = Callable[[UUID], Iterable[Content]]
Sections = Mapping[str, Rows]
CHUNK_SIZE = 1_000

# Writes a chat as this person sees it: the chat's id, the file, whether a content of so many bytes
# has room, and what to call with a part and a number during it.
WriteChat = Callable[
    [UUID, UUID, IO[bytes], Callable[[int], bool], Callable[[str, int], None]], None
]
# Raises NotFound unless the person may have the chat.
CheckChat = Callable[[UUID, UUID], None]
# What to call these chats; those that the person is not in any more are left out.
ChatTitles = Callable[[UUID, Collection[UUID]], Mapping[UUID, str]]

_sections: dict[str, Callable[[UUID], Sections]] = {}
_contents: dict[str, Contents] = {}
_of_chats: list[tuple[CheckChat, WriteChat, ChatTitles]] = []


def register_export(
    app: str, sections: Callable[[UUID], Sections], contents: Contents | None = None
) -> None:
    """Call `sections` with the person for each export, and `contents`, for files. A second call of
    an app replaces it."""
    _sections[app] = sections
    if contents is not None:
        _contents[app] = contents


def stores_nothing(user_id: UUID) -> Sections:
    """For an app without data of its own about people."""
    return {}


def stream(rows: "QuerySet[Any, Any]") -> Rows:
    """The rows of a query, read from PostgreSQL in parts. Needs a transaction while it is read."""
    read: Rows = rows.iterator(chunk_size=CHUNK_SIZE)
    return read


def all_sections(user_id: UUID) -> dict[str, Rows]:
    """The sections of all apps."""
    return {name: rows for each in _sections.values() for name, rows in each(user_id).items()}


def all_contents(user_id: UUID) -> Iterator[Content]:
    """The files of all apps."""
    for each in _contents.values():
        yield from each(user_id)


def registered_exports() -> set[str]:
    """The labels of the apps that registered."""
    return set(_sections)


def register_chat_export(check: CheckChat, write: WriteChat, titles: ChatTitles) -> None:
    """Let people ask for copies of their chats. A second call replaces the first one."""
    _of_chats[:] = [(check, write, titles)]


def check_chat(user_id: UUID, chat: UUID) -> None:
    """Raises NotFound unless the person may have a copy of the chat."""
    if not _of_chats:
        raise NotFound
    _of_chats[0][0](user_id, chat)


def chat_titles(user_id: UUID, chats: Collection[UUID]) -> Mapping[UUID, str]:
    """What to call these chats, as far as the person is in them."""
    return _of_chats[0][2](user_id, chats) if _of_chats and chats else {}


def write_chat(
    user_id: UUID,
    chat: UUID,
    file: IO[bytes],
    room: Callable[[int], bool],
    progress: Callable[[str, int], None],
) -> None:
    """Write a copy of a chat. Raises NotFound, and what the storage raises."""
    _of_chats[0][1](user_id, chat, file, room, progress)
