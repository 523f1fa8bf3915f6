"""Reads settings from the environment, or from the files that it names."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatproject.config.conflicts import conflicts
from chatproject.config.setting import Setting
from chatproject.config.table import BY_NAME, SETTINGS
from chatproject.run.errors import StartupError

# Defaults that this process has set, which no operator has chosen.
_set_here: dict[str, str] = {}


class SettingError(StartupError):
    """Settings are missing or wrong. One line each: its name, the problem, what is allowed."""


def read_all() -> dict[str, Any]:
    """The parsed value of every setting, by name. Raises SettingError that has all that is wrong,
    so that one more start is enough."""
    return _read(SETTINGS)


def check_set() -> None:
    """As `read_all`, before this process and its children have set what no operator has."""
    _read([each for each in SETTINGS if each.default is not None or is_set(each.name)])


def _read(settings: Iterable[Setting]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in settings:
        try:
            values[setting.name] = read(setting.name)
        except SettingError as error:
            problems.append(str(error))
    problems += conflicts(values)
    if problems:
        raise SettingError("\n".join(problems))
    return values


def read(name: str) -> Any:
    """The parsed value of one setting. Raises SettingError."""
    return read_setting(BY_NAME[name])


def read_setting(setting: Setting) -> Any:
    """As `read`, also of a setting that is not in the table."""
    name = setting.name
    value, _ = text_and_source(setting)
    if value is None:
        raise SettingError(f"{name} is not set: set it to {setting.type.allowed}.")
    if not value and not setting.type.parses_empty:
        return ""
    try:
        return setting.type.parse(value)
    except ValueError as error:
        found = "has a value that" if setting.secret else f"is {value!r}, which"
        raise SettingError(f"{name} {found} {error}: set it to {setting.type.allowed}.") from None


def text_and_source(setting: Setting) -> tuple[str | None, str]:
    """The value of a setting as text (None if it has none), and where it comes from.

    `NAME` is used before the file named by `NAME_FILE`. Raises SettingError if that file cannot be
    read.
    """
    name = setting.name
    if _counts(setting, value := os.environ.get(name)):
        return value, _set_here.get(name, "environment")
    path = os.environ.get(f"{name}_FILE")
    if path and _counts(setting, value := _read_file(name, path)):
        return value, f"{name}_FILE ({path})"
    return setting.default, "default"


def chosen() -> dict[str, str]:
    """The settings that have another value than their default, as text, with secrets."""
    found = ((setting, *text_and_source(setting)) for setting in SETTINGS)
    return {setting.name: text for setting, text, source in found if text and source != "default"}


def is_set(name: str) -> bool:
    """Whether the environment sets `name`, directly or by a file (`NAME_FILE`)."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def set_default(name: str, value: str, *, source: str) -> None:
    """Set `name` for this process and its children, unless the environment sets it."""
    if not is_set(name):
        os.environ[name] = value
        _set_here[name] = source


def _counts(setting: Setting, value: str | None) -> bool:
    return bool(value) or (value is not None and setting.type.parses_empty)


def _read_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        reason = "it is not text in UTF-8"
    except OSError as error:
        reason = str(error.strerror)
    raise SettingError(f"{name}_FILE is {path!r}, which cannot be read: {reason}.")
