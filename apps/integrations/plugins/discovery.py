"""Finds plugins: entry points `parley.plugins` of installed distributions, and those that come with
Parley. Used by the settings, so it needs nothing of Django but the class of an app."""

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import NamedTuple

from apps.integrations.plugins.contract import Plugin

GROUP = "parley.plugins"
# They are folders of the same distribution as the server.
SHIPPED = (
    EntryPoint("polls", "apps.plugins.polls.apps:Polls", GROUP),
    EntryPoint("reminders", "apps.plugins.reminders.apps:Reminders", GROUP),
)
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


class PluginError(Exception):
    """A plugin that is switched on cannot be used. The text is one line for the operator."""


class Found(NamedTuple):
    """A plugin that is switched on. `path`: of its class, for INSTALLED_APPS."""

    name: str
    path: str
    app: type[Plugin]

    @property
    def static_folder(self) -> Path:
        """Where its static files are, which need not be there."""
        import_path = self.app.__module__.rpartition(".")[0]
        module = __import__(import_path, fromlist=["_"])
        return Path(next(iter(module.__path__))) / "static"


def installed() -> dict[str, EntryPoint]:
    """All plugins that could be switched on, by name. Raises PluginError for a name that two
    distributions use: the operator removes one."""
    found: dict[str, EntryPoint] = {}
    for each in (*SHIPPED, *entry_points(group=GROUP)):
        known = found.setdefault(each.name, each)
        if known.value != each.value:
            raise PluginError(
                f"Two plugins are named {each.name} ({known.value} and {each.value}): remove one."
            )
    return found


def unknown(names: Iterable[str]) -> list[str]:
    """Those of `names` that no distribution has."""
    known = installed()
    return [name for name in names if name not in known]


def switched_on(names: Sequence[str]) -> list[Found]:
    """The plugins of these names, in this order. Raises PluginError for one that is unknown, that
    cannot be imported, or whose class is not a `Plugin` with the same label."""
    known = installed()
    return [_load(name, known) for name in dict.fromkeys(names)]


def _load(name: str, known: dict[str, EntryPoint]) -> Found:
    if name not in known:
        names = ", ".join(sorted(known))
        raise PluginError(f"PLUGINS has {name!r}, which is not installed: installed are {names}.")
    entry = known[name]
    try:
        app = entry.load()
    except Exception as error:
        raise PluginError(
            f"The plugin {name} cannot be loaded ({type(error).__name__}: {error}): mend it, or "
            "remove it from PLUGINS."
        ) from error
    if not (isinstance(app, type) and issubclass(app, Plugin)):
        raise PluginError(f"The entry point of the plugin {name} names no Plugin: {entry.value}.")
    if app.label != name or not NAME.fullmatch(name):
        raise PluginError(
            f"The plugin {name} has another label, {app.label!r}, or one with other signs than "
            "a-z, 0-9 and _."
        )
    return Found(name, f"{entry.module}.{entry.attr}", app)
