"""The parts that a deployment consists of, each with its state: for `/healthz`, the page in the
admin, the metrics, and `manage.py doctor`."""

import smtplib
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import Error
from msgspec import Struct

from apps.backups.queries import newest
from apps.core import health
from apps.core.database import database_outages, refusal_of
from apps.core.mail import sends_mail
from apps.core.metrics import QUEUES
from apps.core.probe import Probe
from apps.core.storage.probe import storage_probe
from apps.graph.queries import health as graph
from apps.integrations.plugins.registry import plugins
from apps.integrations.queries import plugin_pauses
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from chatproject.health import heartbeats, waiting, words
from chatproject.health.words import Text

# Beat starts a task of each queue every few seconds. A task may take two minutes.
MAX_HEARTBEAT_AGE_S = 150.0
# A push is on its way 15 seconds after it was due.
MAX_PUSH_AGE_S = 60.0
# More changes than a pass of the indexer leaves behind.
MAX_SEARCH_LAG = 20_000
WORKS = ("ok", "off", "unknown")


class Component(Struct, frozen=True):
    """One part. `state`: ok, unavailable, read_only, full (no space), late, unknown, or off (not
    configured).
    `success_age_s`: seconds since it last worked, as far as this process knows. `mend`: what to do,
    if it does not work."""

    name: str
    state: str
    success_age_s: float | None = None
    detail: Any = ""
    mend: Any = ""

    @property
    def works(self) -> bool:
        """Whether nothing has to be done."""
        return self.state in WORKS


# When this process last saw the parts work that it asks each time.
_worked_at: dict[str, float] = {}


def components() -> list[Component]:
    """All parts. Each wait is bounded."""
    states = health.states()
    found = [
        _asked("database", database_state(states["database"])),
        _asked("redis", states["redis"]),
    ]
    found.append(_of_probe("storage", storage_probe, states["storage"]))
    found += _at_work(heartbeats.ages() if states["redis"] == "ok" else None)
    found += _in_database() if states["database"] in ("ok", "read_only") else _unknown()
    found.append(_of_probe("mail", mail_probe) if sends_mail() else Component("mail", "off"))
    if settings.OIDC_ISSUER:
        found.append(_of_probe("identity_provider", provider_probe))
    else:
        found.append(Component("identity_provider", "off"))
    return found


def database_state(asked: str) -> str:
    """The state of the database, by what it answered: that reads go on hides that it is full."""
    return "full" if asked == "ok" and database_outages.is_full else asked


def status(found: list[Component]) -> str:
    """Of all parts: ok, degraded, or unavailable (no message can be sent)."""
    if any(each.name == "database" and not each.works for each in found):
        return "unavailable"
    return "ok" if all(each.works for each in found) else "degraded"


def _component(name: str, state: str, age: float | None = None, detail: Text = "") -> Component:
    return Component(name, state, age, detail, "" if state in WORKS else words.mend(name))


def _asked(name: str, state: str) -> Component:
    now = time.monotonic()
    if state == "ok":
        _worked_at[name] = now
    worked_at = _worked_at.get(name)
    return _component(name, state, None if worked_at is None else now - worked_at)


def _of_probe(name: str, probe: Probe, state: str | None = None) -> Component:
    return _component(name, state or probe.state(), probe.success_age_s())


def _at_work(ages: dict[str, float] | None) -> Iterator[Component]:
    for queue in QUEUES:
        yield _alive(f"workers_{queue}", ages, queue)
    yield _alive("beat", ages, heartbeats.BEAT)


def _alive(name: str, ages: dict[str, float] | None, key: str) -> Component:
    if ages is None:
        return Component(name, "unknown")
    age = ages.get(key)
    alive = age is not None and age <= MAX_HEARTBEAT_AGE_S
    return _component(name, "ok" if alive else "unavailable", age)


def _in_database() -> list[Component]:
    try:
        pushes, lag = waiting.queue_ages()["push"], waiting.search_lag()
        backups = newest.lateness() if settings.BACKUP_TO else None
        paused = plugin_pauses.paused()
        presence = graph.health() if settings.GRAPH_TENANT else None
    except Error as error:
        refusal_of(error)
        return _unknown()
    return [
        _component(
            "push_queue",
            "ok" if pushes <= MAX_PUSH_AGE_S else "late",
            None,
            words.WAITED % {"seconds": pushes},
        ),
        _component(
            "search_index",
            "ok" if lag <= MAX_SEARCH_LAG else "late",
            None,
            words.NOT_INDEXED % {"changes": lag},
        ),
        _backups(backups),
        _plugins(paused),
        _presence(presence),
    ]


def _unknown() -> list[Component]:
    names = ("push_queue", "search_index", "backups", "plugins", "microsoft_presence")
    return [Component(each, "unknown") for each in names]


def _presence(found: graph.Health | None) -> Component:
    if found is None:
        return Component("microsoft_presence", "off")
    if not found.kind:
        return _component("microsoft_presence", "ok", found.age_s)
    detail = words.PRESENCE[found.kind] % {"said": found.said}
    state = "late" if found.kind in ("late", "account") else "unavailable"
    return _component("microsoft_presence", state, found.age_s, detail)


def _backups(lateness: str | None) -> Component:
    if lateness is None:
        return Component("backups", "off")
    detail = words.BACKUPS[lateness] if lateness else ""
    return _component("backups", "late" if lateness else "ok", None, detail)


def _plugins(paused: list[str]) -> Component:
    if not plugins():
        return Component("plugins", "off")
    detail = words.PAUSED % {"plugins": ", ".join(paused)} if paused else ""
    return _component("plugins", "late" if paused else "ok", None, detail)


def _check_mail() -> None:
    connection = mail.get_connection(timeout=3)
    connection.open()
    connection.close()


MAIL_FAILURES: tuple[type[Exception], ...] = (OSError, smtplib.SMTPException)
mail_probe = Probe("mail", _check_mail, failures=MAIL_FAILURES, interval_s=60.0)


provider_probe = Probe("provider", provider.check, failures=(ProviderUnavailable,), interval_s=30.0)
