"""Which plugins are found and switched on, and what the operator reads of one that is wrong."""

import os
import subprocess
import sys
from textwrap import dedent

import httpx
import pytest

from apps.core.identifiers import new_id
from apps.integrations.plugins import discovery
from apps.integrations.plugins.discovery import PluginError, switched_on
from chatproject.run.data_dir import CHECKOUT
from tests.chats.factories import timeline
from tests.support.apps import app_of
from tests.support.servers import stores

APP = """
from apps.integrations.plugins.contract import Panel, Plugin, PluginSetting


class Weather(Plugin):
    name = "parley_weather"
    label = "weather"
    title = "Weather"
    before_commit = "parley_weather.hooks.before"
    pages = "parley_weather.pages"
    panels = (Panel("Weather", "weather:today"),)
    settings = (
        PluginSetting("WEATHER_DAYS", "number", "3", "Days", "Of a forecast.", least=1, most=7),
    )
"""
HOOKS = """
from apps.integrations.plugins.contract import Change, Refuse
from apps.integrations.plugins.values import setting


def before(message):
    if "rain" in message.text:
        return Refuse("No rain here, please.")
    if message.text == "days":
        return Change(f"{setting('WEATHER_DAYS')} days")
"""
PAGES = """
from django.http import HttpResponse
from django.urls import path

app_name = "weather"
urlpatterns = [path("<uuid:chat>", lambda request, chat: HttpResponse("Sunny"), name="today")]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as an installer leaves it: a package, and the metadata of its distribution."""
    made = tmp_path_factory.mktemp("site")
    package = made / "parley_weather"
    package.mkdir()
    for name, text in {"__init__": "", "apps": APP, "hooks": HOOKS, "pages": PAGES}.items():
        (package / f"{name}.py").write_text(dedent(text))
    metadata = made / "parley_weather-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: parley-weather\nVersion: 1.0\n"
    )
    points = "[parley.plugins]\nweather = parley_weather.apps:Weather\n"
    (metadata / "entry_points.txt").write_text(points)
    return made


def settings_with(folder, **environment):
    """What a process says that reads the settings with these plugins."""
    code = "import django; django.setup()"
    known = {"DJANGO_SETTINGS_MODULE": "chatproject.settings", "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env={**os.environ, **stores(), **known, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_shipped_plugins_are_switched_on():
    assert [each.name for each in switched_on(["polls", "reminders"])] == ["polls", "reminders"]
    assert switched_on([]) == []


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ({}, "PLUGINS has 'weather', which is not installed: installed are polls, reminders."),
        ({"weather": "no_such_package.apps:Weather"}, "cannot be loaded (ModuleNotFoundError"),
        ({"weather": "apps.plugins.polls.apps:Weather"}, "cannot be loaded (AttributeError"),
        ({"weather": "apps.plugins.polls.models:Poll"}, "names no Plugin"),
        ({"weather": "apps.plugins.polls.apps:Polls"}, "has another label, 'polls'"),
        ({"polls": "other.apps:Polls"}, "Two plugins are named polls"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named(monkeypatch, points, says):
    made = [discovery.EntryPoint(name, value, discovery.GROUP) for name, value in points.items()]
    monkeypatch.setattr(discovery, "entry_points", lambda group: made)
    with pytest.raises(PluginError) as error:
        switched_on(["weather"])
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_nothing_starts_with_an_unknown_plugin_or_a_wrong_value(folder):
    unknown = settings_with(folder, PLUGINS="polls,nothing")
    assert unknown.returncode != 0
    assert "PLUGINS has 'nothing', which is not installed" in unknown.stderr
    wrong = settings_with(folder, PLUGINS="weather", WEATHER_DAYS="9")
    assert (
        "WEATHER_DAYS is '9', which is too large: set it to a number from 1 to 7." in wrong.stderr
    )


@pytest.mark.django_db(transaction=True)
def test_an_installed_plugin_works_in_a_server(start_server, folder, alice, crew):
    [server] = start_server(PLUGINS="weather", PYTHONPATH=str(folder), WEATHER_DAYS="5")
    headers = {"Authorization": f"Bearer {app_of(alice).access}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as app:

        def send(text):
            body = {"client_id": str(new_id()), "text": text}
            return app.post(f"/api/v1/chats/{crew}/messages", json=body)

        refused = send("it will rain")
        assert (refused.status_code, refused.json()["code"]) == (403, "plugin_refused")
        assert refused.json()["detail"] == "No rain here, please."
        assert send("days").status_code == 201
        assert app.get(f"/plugins/weather/{crew}").text == "Sunny"
        assert app.get(f"/plugins/polls/new/{crew}").status_code == 404, "polls are switched off"
    assert timeline(crew)[-1][2] == "5 days"
