"""Changing settings and rate limits while the server runs."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.core import runtime
from apps.core.errors import Invalid
from apps.core.limits import parsed_amount
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By
from apps.moderation.models import RuntimeSetting
from apps.moderation.queries.moderators import check_administrator
from apps.moderation.queries.runtime_settings import Adjustable, everything

# One change at a time: each is checked with the values that the former ones left. Readers do not
# wait.
LOCK = "LOCK TABLE moderation_runtimesetting IN SHARE ROW EXCLUSIVE MODE"
MAX_TEXT = 2_000


@transaction.atomic
def change(by: By, values: Mapping[str, str | None]) -> None:
    """Set each of these settings and rate limits, in the form of the environment; None: the
    environment's value counts again. All of them, or none.

    Raises NoAdministrator, and Invalid that names the setting, and says what is allowed.
    """
    check_administrator(by.id)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    known = {each.name: each for each in everything()}
    checked = {name: _checked(known, name, text) for name, text in values.items()}
    after = {name: each.value for name, each in known.items()}
    after |= {name: known[name].default if new is None else new for name, new in checked.items()}
    if after["REGISTRATION"] == "domains" and not after["REGISTRATION_DOMAINS"]:
        raise Invalid(
            gettext_noop(
                "Registration by domain needs a domain. Set REGISTRATION_DOMAINS first, or set "
                "REGISTRATION to something else first."
            ),
            pointer=f"#/values/{next(iter(values))}",
        )
    for name, new in checked.items():
        _write(by, known[name], new)
    transaction.on_commit(runtime.refresh, robust=True)


def _checked(known: Mapping[str, Adjustable], name: str, text: str | None) -> str | None:
    """The value as it is stored. Raises Invalid."""
    pointer = f"#/values/{name}"
    found = known.get(name)
    if found is None or found.setting:
        instead = f" Set {found.setting} instead." if found else ""
        raise Invalid(f"{name} cannot be changed while the server runs.{instead}", pointer=pointer)
    if text is None:
        return None
    try:
        return _parsed(found, text)
    except ValueError as error:
        raise Invalid(f"{name} {error}: set it to {found.allowed}.", pointer=pointer) from None


def _parsed(found: Adjustable, text: str) -> str:
    text = text.strip()
    if len(text) > MAX_TEXT or "\0" in text:
        raise ValueError("is too long" if len(text) > MAX_TEXT else "has a NUL character")
    if found.seconds is None:
        return runtime.as_text(runtime.parsed(found.name, text))
    return str(parsed_amount(found.name.removeprefix(runtime.LIMIT_PREFIX), text))


def _write(by: By, found: Adjustable, new: str | None) -> None:
    if (new is None and not found.is_set) or (found.is_set and new == found.value):
        return
    if new is None:
        RuntimeSetting.objects.filter(name=found.name).delete()
    else:
        RuntimeSetting.objects.update_or_create(
            name=found.name,
            defaults={"value": new, "set_by_id": by.id, "set_at": timezone.now()},
        )
    audit.record(
        "reset_setting" if new is None else "change_setting",
        by=by,
        about=About(),
        details={
            "name": found.name,
            "old": found.value,
            "new": found.default if new is None else new,
        },
    )
