"""The versions of the settings: the newest one, which counts, and how each value came about."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from apps.configuration.models import SettingsVersion
from apps.core.errors import NotFound
from apps.core.runtime import NOTHING_SET, Version
from apps.wire import bodies


class Origin(NamedTuple):
    """Who set a value, and when. `by`: their username, None for `manage.py`."""

    by: str | None
    at: datetime


def newest(known: Version) -> Version:
    """The version that counts; `known` itself, if it still does. Every process asks every second:
    one short row, by the primary key."""
    newest = SettingsVersion.objects.order_by("-number").values_list("number", "at").first()
    if newest is None:
        return NOTHING_SET if known.number else known
    # A restored backup may have another version of the same number.
    if newest == (known.number, known.at):
        return known
    return Version(*newest, values=get_version(newest[0]).settings)


def get_version(number: int) -> SettingsVersion:
    """Raises NotFound."""
    found = SettingsVersion.objects.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def history() -> QuerySet[SettingsVersion]:
    """All versions, the newest first, with who made them."""
    return SettingsVersion.objects.select_related("by").order_by("-number")


def changed_by(row: SettingsVersion) -> str:
    """The username, or `manage.py`."""
    return row.by.username if row.by else "manage.py"


def origins(names: Iterable[str]) -> Mapping[str, Origin]:
    """Who set the values of these names last."""
    wanted, found = set(names), dict[str, Origin]()
    for version in history().iterator(chunk_size=100) if wanted else ():
        for name in wanted & version.changes.keys():
            found[name] = Origin(version.by.username if version.by else None, version.at)
            wanted.remove(name)
        if not wanted:
            break
    return found


def body(row: SettingsVersion) -> bodies.SettingsVersion:
    """A version of `history`, as administrators see it."""
    return bodies.SettingsVersion(
        number=row.number,
        at=row.at,
        by=row.by.username if row.by else None,
        reason=row.reason,
        settings=row.settings,
        changes=row.changes,
        reverted_to=row.reverted_to,
    )
