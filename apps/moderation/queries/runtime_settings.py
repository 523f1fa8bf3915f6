"""The settings that change while the server runs, and the rate limits, as administrators see
them."""

from datetime import datetime
from typing import Literal, NamedTuple

from django.conf import settings

from apps.core.limits import DECLARED
from apps.core.runtime import LIMIT_PREFIX, as_text
from apps.moderation.models import RuntimeSetting

Kind = Literal["number", "choice", "list"]


class Adjustable(NamedTuple):
    """A setting or a rate limit. `value` and `default` are in the form of the environment.

    `least`, `most`: of a number. `seconds`: the period of a rate limit. `setting`: the one that has
    the amount of a rate limit; without one, the limit itself can be set. `is_set`: the value is an
    administrator's; `set_by`: their username, None for `manage.py`.
    """

    name: str
    kind: Kind
    allowed: str
    default: str
    value: str
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    seconds: float | None = None
    setting: str = ""
    is_set: bool = False
    set_by: str | None = None
    set_at: datetime | None = None


def overrides() -> dict[str, str]:
    """The value of each setting that has one in the database. At most one row for each setting and
    rate limit."""
    return dict(RuntimeSetting.objects.values_list("name", "value"))


def adjustable(name: str) -> Adjustable | None:
    """The setting or the rate limit of this name."""
    return next((each for each in everything() if each.name == name), None)


def everything() -> list[Adjustable]:
    """All settings that change while the server runs, then all rate limits."""
    rows = {row.name: row for row in RuntimeSetting.objects.select_related("set_by")}
    found = [*map(_setting, settings.RUNTIME_SETTINGS), *map(_limit, DECLARED)]
    return [_with_row(each, rows.get(each.name)) for each in found]


def _setting(name: str) -> Adjustable:
    kind = settings.RUNTIME_SETTINGS[name].type
    least, most = kind.bounds or (None, None)
    default = as_text(getattr(settings, name))
    return Adjustable(
        name=name,
        kind="number" if kind.bounds else "choice" if kind.choices else "list",
        allowed=kind.allowed,
        default=default,
        value=default,
        least=least,
        most=most,
        choices=kind.choices,
    )


def _limit(name: str) -> Adjustable:
    declared = DECLARED[name]
    limit = declared.make()
    return Adjustable(
        name=LIMIT_PREFIX + name,
        kind="number",
        allowed=f"a number from {declared.least} to {declared.most}",
        default=str(limit.amount),
        value=str(limit.amount),
        least=declared.least,
        most=declared.most,
        seconds=limit.seconds,
        setting=declared.setting,
    )


def _with_row(found: Adjustable, row: RuntimeSetting | None) -> Adjustable:
    if row is None:
        return found
    by = row.set_by.username if row.set_by else None
    return found._replace(value=row.value, is_set=True, set_by=by, set_at=row.set_at)
