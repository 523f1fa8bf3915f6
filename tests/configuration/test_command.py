"""`manage.py config`: what counts, and changing it while the server runs."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from apps.configuration.actions.changes import change
from apps.configuration.models import SettingsVersion
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from chatproject.config.table import SETTINGS
from chatproject.management.commands import config
from tests.support.runtime import runtime_settings

__all__ = ["runtime_settings"]
pytestmark = pytest.mark.usefixtures("runtime_settings")


def run(*args):
    out = StringIO()
    call_command("config", *args, stdout=out, stderr=out)
    return out.getvalue()


def sources():
    rows = json.loads(run("--json"))
    return {row["name"]: (row["value"], row["source"]) for row in rows}


def test_a_change_counts_and_the_list_says_by_whom():
    assert sources()["GROUP_SIZE"] == ("100", "default")
    said = run("set", "GROUP_SIZE", "7", "limit.edits", "90", "--reason", "a flood")
    assert said.startswith("GROUP_SIZE  7  set by manage.py, ")
    found = sources()
    assert list(found) == [*(setting.name for setting in SETTINGS), "limit.edits"]
    value, source = found["GROUP_SIZE"]
    assert value == "7"
    assert source.startswith("set by manage.py, ")
    assert source.endswith("; default: 100")
    assert set(AuditRecord.objects.values_list("reason", flat=True)) == {"a flood"}
    assert run("unset", "GROUP_SIZE") == "GROUP_SIZE  100  default\n"


def test_the_history_and_the_way_back(root):
    assert run("history") == "Nothing has been changed yet.\n"
    run("set", "GROUP_SIZE", "7")
    change(By(root.id, Door.ADMIN), {"GROUP_SIZE": "8"}, reason="a large team")
    newest, changed, *_ = run("history").splitlines()
    assert newest.startswith("2  ")
    assert newest.endswith("  root: a large team")
    assert changed == "    GROUP_SIZE: 7 → 8"
    assert len(run("history", "--most", "1").splitlines()) == 2
    assert "manage.py, back to version 1" in run("revert")
    assert json.loads(run("--json", "revert", "0"))[0]["settings"] == {}
    assert sources()["GROUP_SIZE"] == ("100", "default")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["set", "GROUP_SIZE"], "GROUP_SIZE has no value"),
        (["set", "GROUP_SIZE", "1"], "GROUP_SIZE is too small: set it to a number from 2"),
        (["set", "SECRET_KEY", "x"], "SECRET_KEY cannot be changed while the server runs."),
        (["unset", "NOTHING"], r"There is no setting or rate limit NOTHING\.$"),
        (["set", "GRUOP_SIZE", "7"], r"limit GRUOP_SIZE\. Did you mean GROUP_SIZE\?"),
        (["revert"], "There is no such version"),
        (["revert", "7"], "There is no such version"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(args, says):
    with pytest.raises(CommandError, match=says):
        run(*args)
    assert not SettingsVersion.objects.exists()


def test_a_value_that_this_release_does_not_allow_is_told_with_what_counts():
    now = timezone.now()
    values = {"GROUP_SIZE": "1"}
    SettingsVersion.objects.create(number=1, at=now, settings=values, changes=dict.fromkeys(values))
    value, source = sources()["GROUP_SIZE"]
    assert value == "100"
    assert source.startswith("default: this release does not allow '1', set by manage.py")


def test_a_locked_setting_says_so(settings):
    run("set", "GROUP_SIZE", "7")
    settings.CONFIG_LOCKED = ["GROUP_SIZE"]
    assert sources()["GROUP_SIZE"] == ("100", "default, locked by CONFIG_LOCKED")


def test_without_a_database_the_environment_is_printed(monkeypatch):
    def fail():
        raise OperationalError("down")

    monkeypatch.setattr(config, "everything", fail)
    said = run()
    assert "PostgreSQL cannot be asked" in said
    assert "GROUP_SIZE" in said
