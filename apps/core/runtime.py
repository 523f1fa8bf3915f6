"""Settings that administrators change while the server runs.

The environment has the default of each; the database may have another value, which counts. Code
reads `runtime.NAME`, a plain attribute: no query, and no lookup in Django's settings. Each process
asks every second or so for a newer version of the other values (decision 0092), so nothing has to
tell it of a change.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from django.db import Error

from apps.core.database import database_outages

logger = logging.getLogger(__name__)
REFRESH_S = 1.0
# What the names of rate limits begin with, which stand next to those of settings.
LIMIT_PREFIX = "limit."
# In CONFIG_LOCKED, in place of all names.
ALL = "all"


class RuntimeSettings:
    """The values in effect. `chatproject/config/table/` says what each is."""

    BREAK_GLASS_DELAY: int
    BREAK_GLASS_MAX_HOURS: int
    CONNECTIONS_PER_PERSON: int
    CONNECTS_PER_ADDRESS: int
    CONNECTS_PER_SESSION: int
    DELETION_DAYS: int
    DIGEST: str
    DIGEST_TEXTS: bool
    EMOJI_ADDED_BY: str
    ENDING_DAYS: int
    EVIDENCE_DAYS: int
    EXTERNAL_COMMANDS: bool
    FILES_QUOTA_MB: int
    GROUP_SIZE: int
    HELD_DAYS: int
    HISTORY_PAGE: int
    LIMITS_TIMES: int
    LINK_PREVIEWS: bool
    LOG_LEVEL: str
    MAX_FILE_MB: int
    MOTD: str
    NEWCOMER_GROUPS: int
    NEWCOMER_HOURS: int
    NEWCOMER_INVITATIONS: int
    NEWCOMER_LINK_MESSAGES: int
    NEWCOMER_SSO: bool
    OIDC_APP_DAYS: int
    OIDC_PICTURE_FOLLOWS: str
    OIDC_POLL_IDLE_HOURS: int
    OIDC_POLL_SECONDS: int
    OIDC_PROFILE_FOLLOWS: bool
    OUTGOING_WEBHOOKS: bool
    PUSH_AFTER: int
    PUSH_CONTENT: bool
    PUSH_LEDGER_DAYS: int
    REGISTRATION: str
    REGISTRATION_DOMAINS: list[str]
    RETENTION_DAYS: int
    SECURITY_CONTACT: str
    SENDS_PER_SECOND: int


runtime = RuntimeSettings()


class Version(NamedTuple):
    """What is set in the database since a change: the values as text, by name."""

    number: int
    at: datetime | None
    values: Mapping[str, str]


NOTHING_SET = Version(0, None, {})


class _State:
    """What this process knows. `read`: returns the newest version of the database, given the one
    that is known."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known = NOTHING_SET
        self.read_at = float("-inf")
        self.read: Callable[[Version], Version] = lambda known: known
        self.after_change: list[Callable[[Mapping[str, str]], None]] = []


_state = _State()


def read_with(read: Callable[[Version], Version]) -> None:
    """Register the function that reads the newest version, given the one that is known."""
    _state.read = read


def after_change(work: Callable[[Mapping[str, str]], None]) -> None:
    """Call `work` with the values of the database that count, now and whenever the values in effect
    change."""
    _state.after_change.append(work)
    work(_counting())


def is_locked(name: str) -> bool:
    """Whether the environment alone decides on this setting or rate limit (CONFIG_LOCKED)."""
    return name in settings.CONFIG_LOCKED or ALL in settings.CONFIG_LOCKED


def refresh() -> None:
    """Read the values of the database, and let them count in this process. Raises Error of the
    database; what was read before then still counts."""
    with _state.lock:
        _state.read_at = time.monotonic()
        found = _state.read(_state.known)
        if found is not _state.known:
            before, _state.known = _state.known, found
            try:
                _apply()
            except Exception:
                # The next read tries it again.
                _state.known = before
                raise


def refresh_if_due() -> None:
    """As `refresh`, if the last one was REFRESH_S ago. An outage of the database is logged."""
    if time.monotonic() - _state.read_at >= REFRESH_S:
        refresh_or_log()


def refresh_or_log() -> None:
    """As `refresh`. An outage of the database is logged."""
    try:
        refresh()
    except Error as error:
        database_outages.failed(error)


def parsed(name: str, text: str) -> Any:
    """The value that a text means. Raises ValueError, and KeyError for a setting that does not
    change while the server runs."""
    setting = settings.RUNTIME_SETTINGS[name]
    if not text and not setting.type.parses_empty:
        raise ValueError("is empty")
    return setting.type.parse(text)


def as_text(value: Any) -> str:
    """A value in the form of the environment."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def _apply() -> None:
    values = {name: getattr(settings, name) for name in settings.RUNTIME_SETTINGS}
    counting = _counting()
    for name, text in counting.items():
        if name.startswith(LIMIT_PREFIX):
            continue
        try:
            values[name] = parsed(name, text)
        except Exception:
            # Of another release, whose table allows it; or not text, or of a plugin that fails.
            logger.warning("%s has a value that this release does not allow", name)
    # One assignment: no reader sees a part of a change.
    runtime.__dict__ = values
    for work in _state.after_change:
        work(counting)


def _counting() -> Mapping[str, str]:
    found = _state.known.values.items()
    return {name: text for name, text in found if not is_locked(name)}


def _on_setting_changed(*, setting: str, **_: Any) -> None:
    # Sent by tests only, which change Django's settings.
    if setting in settings.RUNTIME_SETTINGS or setting == "CONFIG_LOCKED":
        _apply()


setting_changed.connect(_on_setting_changed)
_apply()
