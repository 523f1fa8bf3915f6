"""What a plugin declares: a subclass of `Plugin`, named by its entry point.

    # pyproject.toml of the plugin
    [project.entry-points."parley.plugins"]
    weather = "parley_weather.apps:Weather"

    # parley_weather/apps.py: imported before Django is set up, so it imports no models
    class Weather(Plugin):
        name = "parley_weather"
        label = "weather"
        before_commit = "parley_weather.hooks.before"

Functions are named by their dotted paths, which are imported once all apps are ready.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import AppConfig
from django.utils.functional import Promise

from apps.chats.message_hooks import NewMessage, WrittenMessage

__all__ = [
    "Act",
    "Answer",
    "Change",
    "NewMessage",
    "Panel",
    "Plugin",
    "PluginSetting",
    "Refuse",
    "WrittenMessage",
]

Words = str | Promise


class Refuse(NamedTuple):
    """An answer of a hook: the message is not sent. Its sender reads these words, at most 300
    characters of them."""

    words: str


class Change(NamedTuple):
    """An answer of a hook: the message is sent with this text."""

    text: str


# What `before_commit` may return.
Answer = Refuse | Change | None


class Act(NamedTuple):
    """What somebody did with an entry of the plugin: pressed one of its buttons. They are in the
    chat; the action checks all else. `data` is what the browser module sent."""

    person: UUID
    chat: UUID
    seq: int
    data: Mapping[str, Any]


# Returns what the browser module gets: anything that is JSON. Raises Refused. It is called outside
# of a transaction, with the person as a member of the chat.
Action = Callable[[Act], object]


class PluginSetting(NamedTuple):
    """A setting of the plugin, `NAME` of the environment, which administrators also change while
    the server runs; code reads `runtime.NAME`. `default` is in the form of the environment.

    `kind`: a number from `least` to `most`, a flag (true or false), one of `choices`, or a line of
    text. `name` begins with the plugin's own in capitals: `WEATHER_DAYS`.
    """

    name: str
    kind: str
    default: str
    title: Words
    effect: Words
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()


class Panel(NamedTuple):
    """A page of the plugin that the menu of each chat links to. `url`: the name of its route, with
    the argument `chat`. `in_composer`: the menu of the paper clip links to it, too, with the
    parameter `reply_to`, a seq, in a thread or while a message is replied to. `icon`: of the sprite
    `static/vendor/phosphor/sprite.svg`."""

    title: Words
    url: str
    in_composer: bool = False
    icon: str = "puzzle-piece"


class Plugin(AppConfig):
    """Base of the app of a plugin. Its `label` is the name of its entry point: letters, digits and
    underscores. Everything below is optional."""

    default = False
    # What people read as its name.
    title: Words = ""
    # `def before(message: NewMessage) -> Answer`, in the send of each message. It has 200 ms,
    # together with the other messages that are sent in this moment and other plugins.
    before_commit = ""
    # `def after(message: WrittenMessage) -> None`, a hint: it may be lost.
    after_commit = ""
    # A mapping of names to functions (`Action`) that the browser module calls with `host.act`.
    actions = ""
    # A sequence of slash commands.
    commands = ""
    # How often, in seconds, beat starts its tasks, by their Celery names. A run that still waits
    # when the next one is due is dropped.
    schedule: Mapping[str, int] = {}
    # The module with `urlpatterns` of pages, below `/plugins/<label>/`.
    pages = ""
    # Whether static/<label>/entry.js draws its entries.
    draws_entries = False
    settings: tuple[PluginSetting, ...] = ()
    panels: tuple[Panel, ...] = ()
