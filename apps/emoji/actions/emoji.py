"""Adds and removes custom emoji and their aliases. They are those of the whole installation.

Every change moves the revision of the list, whose row it locks: so two changes at the same time
never give one name to two emoji, and never pass a limit together.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from apps.accounts.actions import streams
from apps.accounts.queries.profiles import get_active_user
from apps.core.emoji import CUSTOM_NAME
from apps.core.errors import Forbidden, Full, Invalid
from apps.core.identifiers import new_id
from apps.core.limits import EMOJI, limited
from apps.emoji.actions import images
from apps.emoji.models import Alias, Emoji
from apps.emoji.moderation_handlers import Door, moderation
from apps.emoji.names import built_in_names
from apps.emoji.queries.emoji import get_emoji, may_add, may_change

# Clients have the whole list.
MAX_EMOJI = 1_000
MAX_OF_PERSON = 100
MAX_ALIASES = 10
TOO_MANY_ALIASES = gettext_noop("An emoji has at most ten other names.")
# Also waits for another change to commit.
NEXT_REVISION = """
INSERT INTO emoji_listrevision AS r (id, number)
VALUES (1, (extract(epoch FROM now()) * 1000)::bigint)
ON CONFLICT (id) DO UPDATE SET number = greatest(r.number + 1, excluded.number)
"""


class NotMade(Forbidden):
    """The person may not add emoji, or not change this one."""

    detail = gettext_noop("Only the person who added this emoji and moderators may do that.")


@limited(EMOJI)
def add(user_id: UUID, *, name: str, picture: bytes, aliases: Sequence[str] = ()) -> UUID:
    """A new emoji of this picture (PNG, GIF, WebP or JPEG). Returns its id.

    Raises Invalid with a pointer to `name`, `aliases` or `picture`, Forbidden, Full,
    StorageUnavailable, and NotFound for a closed account. Talks to the storage: call it outside of
    transactions.
    """
    names = [(name, "#/name"), *((alias, "#/aliases") for alias in aliases)]
    for each in names:
        _check_form(*each)
    # Before the work. Checked again under the lock.
    get_active_user(user_id)
    _check_may_add(user_id)
    _check_free(names)
    with images.stored(new_id(), picture) as stored, transaction.atomic():
        _begin(user_id)
        _check_may_add(user_id)
        _check_free(names)
        if len(aliases) > MAX_ALIASES:
            raise Full(TOO_MANY_ALIASES)
        row = Emoji.objects.create(
            id=stored.emoji_id,
            name=name,
            made_by=user_id,
            size=stored.size,
            still_size=stored.still_size,
        )
        Alias.objects.bulk_create(Alias(name=alias, emoji=row) for alias in aliases)
        images.keep(row.keys)
    return row.id


@limited(EMOJI)
@transaction.atomic
def add_alias(user_id: UUID, name: str, alias: str) -> None:
    """Give an emoji another name. Idempotent. Raises Invalid with a pointer to `alias`, Full,
    NotFound, Forbidden."""
    _check_form(alias, "#/alias")
    if _has_alias(user_id, name, alias):
        return
    row = _own(user_id, name)
    if row.aliases.filter(name=alias).exists():
        return
    _check_free([(alias, "#/alias")])
    if row.aliases.count() >= MAX_ALIASES:
        raise Full(TOO_MANY_ALIASES)
    Alias.objects.create(name=alias, emoji=row)


@limited(EMOJI)
@transaction.atomic
def remove_alias(user_id: UUID, name: str, alias: str) -> None:
    """Take a name from an emoji. Idempotent. Raises NotFound, Forbidden."""
    if _has_alias(user_id, name, alias):
        _own(user_id, name).aliases.filter(name=alias).delete()


@limited(EMOJI)
@transaction.atomic
def remove(user_id: UUID, name: str, *, door: Door = "api") -> None:
    """Delete an emoji. Where it was used, its `:name:` stays as text. Recorded unless the person
    made it. Raises NotFound, Forbidden."""
    row = _own(user_id, name)
    images.doom(row.keys)
    made_by = row.made_by
    row.delete()
    if made_by != user_id:
        moderation().record(user_id, door, name, made_by)


def _begin(user_id: UUID) -> None:
    """Lock the person's access and the list. Raises NotFound for a closed account."""
    streams.lock([user_id])
    get_active_user(user_id)
    with connection.cursor() as cursor:
        cursor.execute(NEXT_REVISION)


def _has_alias(user_id: UUID, name: str, alias: str) -> bool:
    """Whether an emoji that the person may change has this alias, without a lock: a repeat moves no
    revision, with which all clients would fetch the list again. Raises NotFound, Forbidden."""
    get_active_user(user_id)
    row = get_emoji(name)
    if not may_change(user_id, row):
        raise NotMade
    return bool(CUSTOM_NAME.fullmatch(alias)) and row.aliases.filter(name=alias).exists()


def _own(user_id: UUID, name: str) -> Emoji:
    """An emoji that the person may change, with the list locked. Raises NotFound, Forbidden."""
    _begin(user_id)
    row = get_emoji(name)
    if not may_change(user_id, row):
        raise NotMade
    return row


def _check_form(name: str, pointer: str) -> None:
    if not CUSTOM_NAME.fullmatch(name):
        reason = gettext_noop(
            "Choose a name of 2 to 32 letters from a to z, digits, + and -, with _ between them."
        )
        raise Invalid(reason, pointer=pointer, reason=reason)


def _check_free(names: Sequence[tuple[str, str]]) -> None:
    """Raise Invalid for a name that another emoji has, or that is there twice; each is given with
    its pointer."""
    asked = [name for name, _ in names]
    known = set(Emoji.objects.filter(name__in=asked).values_list("name", flat=True))
    known |= set(Alias.objects.filter(name__in=asked).values_list("name", flat=True))
    known |= built_in_names().intersection(asked)
    for name, pointer in names:
        if name in known:
            reason = gettext_noop("Another emoji has this name.")
            raise Invalid(reason, pointer=pointer, reason=reason)
        known.add(name)


def _check_may_add(user_id: UUID) -> None:
    if not may_add(user_id):
        raise NotMade(gettext_noop("Only moderators may add emoji here."))
    if Emoji.objects.count() >= MAX_EMOJI:
        raise Full(gettext_noop("There are already 1,000 emoji. Remove one first."))
    mine = Emoji.objects.filter(made_by=user_id).count()
    if mine >= MAX_OF_PERSON and not moderation().moderates(user_id):
        raise Full(gettext_noop("You have already added 100 emoji. Remove one first."))
