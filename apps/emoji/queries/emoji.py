"""The custom emoji, which all people see."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import User
from apps.core.emoji import CUSTOM_NAME
from apps.core.errors import NotFound
from apps.core.runtime import runtime
from apps.emoji.models import Alias, Emoji, ListRevision
from apps.emoji.models.emoji import image_key, still_key
from apps.emoji.moderation_handlers import moderation
from apps.wire import bodies

MODERATORS = "moderators"
IMAGES = "/api/v1/emoji/images"


def revision() -> int:
    """The revision of the list; 0 before the first change."""
    return ListRevision.objects.values_list("number", flat=True).first() or 0


def emoji_list() -> bodies.EmojiList:
    """All of them, by name. Read once for each revision."""
    return _list_at(revision())


@lru_cache(maxsize=1)
def _list_at(number: int) -> bodies.EmojiList:
    rows = Emoji.objects.order_by("name").prefetch_related("aliases") if number else ()
    return bodies.EmojiList(revision=number, items=[body(row) for row in rows])


def body(row: Emoji) -> bodies.CustomEmoji:
    """What clients draw."""
    image = f"{IMAGES}/{row.id}"
    return bodies.CustomEmoji(
        id=row.id,
        name=row.name,
        aliases=sorted(alias.name for alias in row.aliases.all()),
        url=f"{image}.webp",
        still_url=None if row.still_size is None else f"{image}-still.webp",
    )


def known_names() -> Mapping[str, str]:
    """The name of each custom emoji, by its names and aliases."""
    return _names_at(revision())


@lru_cache(maxsize=1)
def _names_at(number: int) -> Mapping[str, str]:
    found = _list_at(number).items
    return {known: each.name for each in found for known in (each.name, *each.aliases)}


def name_of(name: str) -> str | None:
    """The name of the custom emoji with this name or alias; None if there is none."""
    if Emoji.objects.filter(name=name).exists():
        return name
    return Alias.objects.filter(name=name).values_list("emoji__name", flat=True).first()


def get_emoji(name: str) -> Emoji:
    """The emoji of this name, which is no alias. Raises NotFound."""
    # What cannot be a name may be something that PostgreSQL cannot compare.
    found = Emoji.objects.filter(name=name).first() if CUSTOM_NAME.fullmatch(name) else None
    if found is None:
        raise NotFound
    return found


def get_image(emoji_id: UUID, *, still: bool) -> tuple[str, int]:
    """The key and the size of an image. Raises NotFound."""
    found = Emoji.objects.filter(id=emoji_id).first()
    size = found and (found.still_size if still else found.size)
    if not size:
        raise NotFound
    return (still_key if still else image_key)(emoji_id), size


class Listed(NamedTuple):
    """A line of the page: the emoji, who made it (their name may be gone), and whether the reader
    may change it."""

    shown: bodies.CustomEmoji
    maker: str
    own: bool


def search(user_id: UUID, words: str) -> list[Listed]:
    """The emoji with these words in a name, as the person reads them."""
    rows = Emoji.objects.order_by("name").prefetch_related("aliases")
    if words:
        found = Q(name__contains=words) | Q(aliases__name__contains=words)
        rows = rows.filter(found).distinct()
    moderates = moderation().moderates(user_id)
    makers = User.objects.filter(id__in={row.made_by for row in rows}, erased_at=None)
    names: dict[UUID | None, str] = dict(makers.values_list("id", "username"))
    return [
        Listed(body(row), names.get(row.made_by, ""), moderates or row.made_by == user_id)
        for row in rows
    ]


def may_add(user_id: UUID) -> bool:
    """Whether the person may add emoji at all."""
    return runtime.EMOJI_ADDED_BY != MODERATORS or moderation().moderates(user_id)


def may_change(user_id: UUID, row: Emoji) -> bool:
    """Whether the person may change and remove it: they made it, or moderate."""
    return row.made_by == user_id or moderation().moderates(user_id)
