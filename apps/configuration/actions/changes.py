"""Changing settings and rate limits while the server runs. Each change is a version."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.configuration.models import SettingsVersion
from apps.configuration.queries.adjustable import Adjustable, everything, parsed
from apps.configuration.queries.versions import get_version, newest
from apps.core import runtime
from apps.core.errors import Invalid
from apps.core.runtime import NOTHING_SET
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By
from apps.moderation.queries.moderators import check_administrator

# One change at a time: each is checked with the values that the former ones left. Readers do not
# wait.
LOCK = "LOCK TABLE configuration_settingsversion IN SHARE ROW EXCLUSIVE MODE"
MAX_TEXT = 2_000
MAX_REASON = 500
Values = Mapping[str, str | None]


@transaction.atomic
def change(by: By, values: Values, *, reason: str = "") -> None:
    """Set each of these settings and rate limits, in the form of the environment; None: the
    environment's value counts again. All of them, or none.

    Raises NoAdministrator, and Invalid that names the setting, and says what is allowed.
    """
    known = _begin(by)
    checked = {name: _checked(known, name, text) for name, text in values.items()}
    _write(by, known, checked, reason=reason)


@transaction.atomic
def revert(by: By, number: int | None = None, *, reason: str = "") -> int:
    """Let everything count as after a version; without a number, as before the newest one. What is
    locked stays. Returns the number of the version that counts again.

    Raises NoAdministrator, NotFound, and Invalid for a value that this release does not allow.
    """
    known = _begin(by)
    now = newest(NOTHING_SET)
    wanted = now.number - 1 if number is None else number
    values = get_version(wanted).settings if wanted else {}
    names = {*now.values, *values}
    changed = {name: values.get(name) for name in names if now.values.get(name) != values.get(name)}
    checked = {
        name: _checked(known, name, text)
        for name, text in changed.items()
        if name in known and not known[name].locked
    }
    _write(by, known, checked, reason=reason, reverted_to=wanted)
    return wanted


def _begin(by: By) -> Mapping[str, Adjustable]:
    check_administrator(by.id)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    return {each.name: each for each in everything()}


def _checked(known: Mapping[str, Adjustable], name: str, text: str | None) -> str | None:
    """The value as it is stored. Raises Invalid."""
    pointer = f"#/values/{name}"
    found = known.get(name)
    if found is None or found.setting:
        instead = f" Set {found.setting} instead." if found else ""
        raise Invalid(f"{name} cannot be changed while the server runs.{instead}", pointer=pointer)
    if found.locked:
        raise Invalid(f"{name} is locked: CONFIG_LOCKED names it.", pointer=pointer)
    if text is None:
        return None
    try:
        return _stored(found, text)
    except ValueError as error:
        raise Invalid(f"{name} {error}: set it to {found.allowed}.", pointer=pointer) from None


def _stored(found: Adjustable, text: str) -> str:
    text = text.strip()
    if len(text) > MAX_TEXT or "\0" in text:
        raise ValueError("is too long" if len(text) > MAX_TEXT else "has a NUL character")
    return parsed(found, text)


def _write(
    by: By,
    known: Mapping[str, Adjustable],
    values: Values,
    *,
    reason: str,
    reverted_to: int | None = None,
) -> None:
    """Add a version, if anything changes. Raises Invalid for values that need one another."""
    _check_together(known, values)
    if len(reason) > MAX_REASON:
        words = gettext("A reason has up to {n} characters.").format(n=MAX_REASON)
        raise Invalid(words, pointer="#/reason")
    now = newest(NOTHING_SET)
    changed = {name: new for name, new in values.items() if now.values.get(name) != new}
    if not changed:
        return
    left = {**now.values, **changed}
    changes = {name: _before_and_after(known[name], new) for name, new in changed.items()}
    version = SettingsVersion.objects.create(
        number=now.number + 1,
        at=timezone.now(),
        by_id=by.id,
        reason=reason,
        settings={name: value for name, value in left.items() if value is not None},
        changes=changes,
        reverted_to=reverted_to,
    )
    transaction.on_commit(runtime.refresh_or_log, robust=True)
    back = {} if reverted_to is None else {"reverted_to": reverted_to}
    for name, (old, new) in changes.items():
        audit.record(
            "reset_setting" if changed[name] is None else "change_setting",
            by=by,
            about=About(),
            reason=reason,
            details={"name": name, "old": old, "new": new, "version": version.number, **back},
        )


def _before_and_after(found: Adjustable, new: str | None) -> tuple[str, str]:
    return found.value, found.default if new is None else new


def _check_together(known: Mapping[str, Adjustable], values: Values) -> None:
    asked = [name for name in ("REGISTRATION", "REGISTRATION_DOMAINS") if name in values]
    if not asked:
        # The environment may have changed since: that must not keep the others from changing.
        return
    after = {name: each.value for name, each in known.items()}
    after |= {name: known[name].default if new is None else new for name, new in values.items()}
    if after["REGISTRATION"] == "domains" and not after["REGISTRATION_DOMAINS"]:
        raise Invalid(
            gettext_noop(
                "Registration by domain needs a domain. Set REGISTRATION_DOMAINS first, or set "
                "REGISTRATION to something else first."
            ),
            pointer=f"#/values/{asked[0]}",
        )
