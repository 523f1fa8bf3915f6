"""The plugins that the setting PLUGINS switches on, and the settings that they declare."""

from typing import Any, NamedTuple

from apps.integrations.plugins.contract import PluginSetting
from apps.integrations.plugins.discovery import Found, PluginError, switched_on
from chatproject.config import environment
from chatproject.config.setting import Setting
from chatproject.config.types import SettingType, choice, flag, number, text


class Chosen(NamedTuple):
    """What the settings of Django need of plugins: their settings by name, the values, and where
    each value comes from."""

    found: list[Found]
    settings: dict[str, Setting]
    values: dict[str, Any]
    sources: dict[str, str]


def chosen(names: list[str]) -> Chosen:
    """Load the plugins of these names. Raises SettingError: what is wrong with a plugin, or with
    the value of one of its settings."""
    try:
        found = switched_on(names)
        settings = {
            each.name: _setting(plugin, each) for plugin in found for each in plugin.app.settings
        }
    except PluginError as error:
        raise environment.SettingError(str(error)) from error
    read = {name: environment.read_setting(setting) for name, setting in settings.items()}
    sources = {name: environment.text_and_source(each)[1] for name, each in settings.items()}
    return Chosen(found, settings, read, sources)


def _setting(plugin: Found, declared: PluginSetting) -> Setting:
    name = declared.name
    if not name.startswith(f"{plugin.name.upper()}_"):
        raise PluginError(
            f"The plugin {plugin.name} has a setting {name}: its name has to begin with "
            f"{plugin.name.upper()}_."
        )
    return Setting(
        name=name,
        type=_type(declared),
        default=declared.default,
        help=str(declared.name),
        at_runtime=True,
    )


def _type(declared: PluginSetting) -> SettingType:
    match declared.kind:
        case "number":
            return number(declared.least, declared.most)
        case "flag":
            return flag()
        case "choice":
            return choice(*declared.choices)
        case "text":
            return text("a line of text", may_be_empty=True)
    raise PluginError(f"The setting {declared.name} of a plugin has no known kind.")
