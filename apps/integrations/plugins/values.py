"""The values of the settings of plugins."""

from typing import Any

from apps.core.runtime import runtime


def setting(name: str) -> Any:
    """The value in effect, by its full name. Administrators may change it at any time."""
    return getattr(runtime, name)
