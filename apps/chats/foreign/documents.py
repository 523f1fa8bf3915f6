"""Reads JSON that nobody has checked. A field of another type than expected counts as missing."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

MAX_KEY_LENGTH = 200
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
UNSTORABLE = SURROGATES | {0: None}


class BadJson(Exception):
    """A document that is not JSON. The text says where in it."""


def storable(text: str) -> str:
    """A text that PostgreSQL can store: without NUL, and U+FFFD for each lone surrogate."""
    return text if text.isascii() and "\x00" not in text else text.translate(UNSTORABLE)


def load(data: bytes | msgspec.Raw) -> object:
    """A JSON document. Raises BadJson."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # json also reads lone surrogates and numbers of any length
    try:
        # Scripts write line breaks and tabs as they are, which Slack takes, too:
        # https://github.com/mattermost/mattermost/issues/2278
        return json.loads(bytes(data), strict=False)
    except RecursionError as error:
        raise BadJson("nested too deeply") from error
    except ValueError as error:
        raise BadJson(str(error)) from error


def items(data: bytes) -> Iterator[object]:
    """The elements of a JSON array, parsed one after the other, so that only the bytes of a large
    array are in memory. Raises BadJson for the whole array, before the first element."""
    try:
        parts: list[Any] = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        loaded = load(data)
        if not isinstance(loaded, list):
            raise BadJson("not a list") from None
        parts = loaded
    for part in parts:
        yield load(part) if isinstance(part, msgspec.Raw) else part


class Fields:
    """The fields of a JSON object; of anything else, none."""

    def __init__(self, value: object) -> None:
        self._values: Mapping[str, Any] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> object:
        """The value as it is."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """A text that can be stored; empty when it is missing."""
        value = self._values.get(name)
        return storable(value) if isinstance(value, str) else ""

    def key(self, name: str) -> str:
        """An id, of digits or letters; empty when it is missing."""
        return as_key(self._values.get(name))

    def keys(self, name: str) -> list[str]:
        """Ids in a list, each once, without those that are none."""
        return [*dict.fromkeys(filter(None, map(as_key, self.items(name))))]

    def number(self, name: str) -> float | int | None:
        """A finite number."""
        return as_number(self._values.get(name))

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        return self._values.get(name) is True

    def items(self, name: str) -> list[Any]:
        """The elements of a list."""
        value = self._values.get(name)
        return value if isinstance(value, list) else []

    def fields(self, name: str) -> "Fields":
        """The fields of an object."""
        return Fields(self._values.get(name))

    def each(self, name: str) -> "list[Fields]":
        """The objects in a list."""
        return [Fields(item) for item in self.items(name) if isinstance(item, dict)]


def as_key(value: object) -> str:
    """An id as a text; empty for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            value = str(value)
        except ValueError:  # thousands of digits
            return ""
    return storable(value)[:MAX_KEY_LENGTH] if isinstance(value, str) else ""


def as_number(value: object) -> float | int | None:
    """A finite number; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None
