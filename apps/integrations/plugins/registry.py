"""The plugins that are switched on, and what each adds. Filled once all apps are ready."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from apps.chats.message_hooks import Hooks, WrittenMessage, register_message_hooks
from apps.configuration import words as configuration
from apps.integrations.commands.registry import register as register_command
from apps.integrations.plugins.after_commit import AfterCommit
from apps.integrations.plugins.before_commit import AllBeforeCommit, BeforeCommit
from apps.integrations.plugins.bounded_calls import BoundedCalls
from apps.integrations.plugins.breaker import Breaker
from apps.integrations.plugins.contract import Action, Plugin
from apps.integrations.plugins.pauses import record_pause


class Loaded(NamedTuple):
    """A plugin with its actions, which return in time."""

    app: Plugin
    actions: Mapping[str, Action]


_loaded: dict[str, Loaded] = {}


def load() -> None:
    """Connect all plugins. Raises ImproperlyConfigured for a dotted path that leads nowhere."""
    found = [app for app in apps.get_app_configs() if isinstance(app, Plugin)]
    for app in found:
        _loaded[app.label] = Loaded(app, _actions(app))
        commands = BoundedCalls(app.label, "command")
        for command in _imported(app, app.commands) or ():
            register_command(command._replace(run=commands.bounded(command.run)))
        for setting in app.settings:
            configuration.SETTINGS[setting.name] = configuration.Words(
                setting.title, setting.effect
            )
    connect_hooks(found)


def connect_hooks(plugins: Iterable[Plugin]) -> None:
    """Have the hooks of these plugins, and no others, see messages."""
    before, after = list[BeforeCommit](), list[AfterCommit]()
    for app in plugins:
        if ask := _imported(app, app.before_commit):
            before.append(BeforeCommit(app.label, ask, _breaker(app.label)))
        if tell := _imported(app, app.after_commit):
            after.append(AfterCommit(app.label, tell, _breaker(app.label)))

    def tell_all(messages: Sequence[WrittenMessage]) -> None:
        for each in after:
            each.put(messages)

    register_message_hooks(
        Hooks(AllBeforeCommit(before) if before else None, tell_all if after else None)
    )


def plugins() -> list[Plugin]:
    """All that are switched on, in their order."""
    return [each.app for each in _loaded.values()]


def action(plugin: str, name: str) -> Action | None:
    """The function that the browser module of a plugin calls by this name."""
    found = _loaded.get(plugin)
    return found.actions.get(name) if found else None


def _actions(app: Plugin) -> Mapping[str, Action]:
    calls = BoundedCalls(app.label, "action")
    found = _imported(app, app.actions) or {}
    return {name: calls.bounded(action) for name, action in found.items()}


def _imported(app: Plugin, path: str) -> Any:
    if not path:
        return None
    try:
        return import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"The plugin {app.label}: {error}") from error


def _breaker(name: str) -> Breaker:
    return Breaker(lambda seconds: record_pause(name, seconds))
