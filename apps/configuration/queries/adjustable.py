"""The settings that change while the server runs, and the rate limits, as administrators see
them."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.conf import settings

from apps.configuration.queries.versions import Origin, newest, origins
from apps.core import runtime
from apps.core.limits import DECLARED, parsed_amount
from apps.core.runtime import LIMIT_PREFIX, NOTHING_SET, as_text, is_locked

Kind = Literal["number", "choice", "list", "text"]


class Adjustable(NamedTuple):
    """A setting or a rate limit. `value` and `default` are in the form of the environment.

    `least`, `most`: of a number. `seconds`: the period of a rate limit. `setting`: the one that has
    the amount of a rate limit; without one, the limit itself can be set. `source`: where the
    default comes from, "default" if it is that of the release. `is_set`: the value is an
    administrator's; `set_by`: their username, None for `manage.py`. `locked`: the default counts,
    whatever is set. `unread`: the value that is set, if this release does not allow it; the default
    counts then.
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
    source: str = "default"
    locked: bool = False
    unread: str | None = None
    is_set: bool = False
    set_by: str | None = None
    set_at: datetime | None = None


def adjustable(name: str) -> Adjustable | None:
    """The setting or the rate limit of this name."""
    return next((each for each in everything() if each.name == name), None)


def everything() -> list[Adjustable]:
    """All settings that change while the server runs, then all rate limits."""
    values = newest(NOTHING_SET).values
    by = origins(values)
    found = [*map(_setting, settings.RUNTIME_SETTINGS), *map(_limit, DECLARED)]
    return [_with_value(each, values.get(each.name), by.get(each.name)) for each in found]


def _setting(name: str) -> Adjustable:
    kind = settings.RUNTIME_SETTINGS[name].type
    least, most = kind.bounds or (None, None)
    default = as_text(getattr(settings, name))
    return Adjustable(
        name=name,
        kind=_kind(kind),
        allowed=kind.allowed,
        default=default,
        value=default,
        least=least,
        most=most,
        choices=kind.choices,
        source=settings.RUNTIME_SOURCES[name],
        locked=is_locked(name),
    )


def _kind(kind: Any) -> Kind:
    if kind.bounds:
        return "number"
    if kind.choices:
        return "choice"
    return "list" if kind.is_list else "text"


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
        locked=is_locked(declared.setting or LIMIT_PREFIX + name),
    )


def _with_value(found: Adjustable, text: str | None, origin: Origin | None) -> Adjustable:
    if text is None or origin is None:
        return found
    found = found._replace(is_set=True, set_by=origin.by, set_at=origin.at)
    if found.locked:
        return found
    try:
        return found._replace(value=parsed(found, text))
    except ValueError:
        return found._replace(unread=text)


def parsed(found: Adjustable, text: str) -> str:
    """The value as it is stored and shown. Raises ValueError."""
    if found.seconds is None:
        return as_text(runtime.parsed(found.name, text))
    return str(parsed_amount(found.name.removeprefix(LIMIT_PREFIX), text))
