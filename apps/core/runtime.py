"""Settings that administrators change while the server runs.

The environment has the default of each; the database may have another value, which counts. Code
reads `runtime.NAME`, a plain attribute: no query, and no lookup in Django's settings. Each process
reads the table of other values every second or so (decision 0066), so nothing has to tell it of a
change.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.db import Error

from apps.core.database import database_outages

logger = logging.getLogger(__name__)
REFRESH_S = 1.0
# What the names of rate limits begin with, beside those of settings.
LIMIT_PREFIX = "limit."


class RuntimeSettings:
    """The values in effect. `chatproject/config/table/` says what each is."""

    CONNECTIONS_PER_PERSON: int
    CONNECTS_PER_ADDRESS: int
    CONNECTS_PER_SESSION: int
    DELETION_DAYS: int
    ENDING_DAYS: int
    EVIDENCE_DAYS: int
    FILES_QUOTA_MB: int
    GROUP_SIZE: int
    LIMITS_TIMES: int
    LINK_PREVIEWS: bool
    MAX_FILE_MB: int
    NEWCOMER_GROUPS: int
    NEWCOMER_HOURS: int
    NEWCOMER_INVITATIONS: int
    NEWCOMER_LINK_MESSAGES: int
    NEWCOMER_SSO: bool
    PUSH_AFTER: int
    PUSH_CONTENT: bool
    PUSH_LEDGER_DAYS: int
    REGISTRATION: str
    REGISTRATION_DOMAINS: list[str]
    SENDS_PER_SECOND: int


runtime = RuntimeSettings()


class _State:
    """What this process knows. `read`: returns the values of the database, as text by name."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.overrides: Mapping[str, str] = {}
        self.read_at = float("-inf")
        self.read: Callable[[], Mapping[str, str]] = dict
        self.after_change: list[Callable[[Mapping[str, str]], None]] = []


_state = _State()


def read_with(read: Callable[[], Mapping[str, str]]) -> None:
    """Register the function that reads the values of the database."""
    _state.read = read


def after_change(work: Callable[[Mapping[str, str]], None]) -> None:
    """Call `work` with the values of the database, now and whenever the values in effect change."""
    _state.after_change.append(work)
    work(_state.overrides)


def refresh() -> None:
    """Read the values of the database, and let them count in this process. Raises Error of the
    database; what was read before then still counts."""
    with _state.lock:
        _state.read_at = time.monotonic()
        found = _state.read()
        if found != _state.overrides:
            _state.overrides = found
            _apply()


def refresh_if_due() -> None:
    """As `refresh`, if the last one was REFRESH_S ago. An outage of the database is logged."""
    if time.monotonic() - _state.read_at < REFRESH_S:
        return
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
    for name, text in _state.overrides.items():
        if name.startswith(LIMIT_PREFIX):
            continue
        try:
            values[name] = parsed(name, text)
        except (KeyError, ValueError):
            # Of another release, whose table allows it.
            logger.warning("%s has a value that this release does not allow", name)
    # One assignment: no reader sees a part of a change.
    runtime.__dict__ = values
    for work in _state.after_change:
        work(_state.overrides)


def _on_setting_changed(*, setting: str, **_: Any) -> None:
    # Sent by tests only, which change Django's settings.
    if setting in settings.RUNTIME_SETTINGS:
        _apply()


setting_changed.connect(_on_setting_changed)
_apply()
